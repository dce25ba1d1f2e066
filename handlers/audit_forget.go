package handlers

import "context"

// forgetActions drops the record of what was done to jobs long ago.
func (h *Handlers) forgetActions(ctx context.Context) (string, error) {
	n, err := inBatches(ctx, h.Retention.Audit, h.Store.ForgetActions)
	return tally("forgot", n, "action"), err
}
