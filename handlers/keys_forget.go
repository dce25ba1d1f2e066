package handlers

import "context"

// forgetKeys drops the idempotency keys whose life is over.
func (h *Handlers) forgetKeys(ctx context.Context) (string, error) {
	n, err := h.Store.ForgetKeys(ctx)
	return tally("forgot", n, "idempotency key"), err
}
