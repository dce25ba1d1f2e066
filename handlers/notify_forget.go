package handlers

import "context"

// forgetNotifications drops what ended so long ago that it is not asked for.
func (h *Handlers) forgetNotifications(ctx context.Context) (string, error) {
	n, err := inBatches(ctx, h.Retention.Notifications, h.Store.ForgetNotifications)
	return tally("forgot", n, "notification"), err
}
