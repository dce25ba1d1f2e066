package handlers

import "context"

// forgetNotifications drops what ended so long ago that nobody asks for it.
func (h *Handlers) forgetNotifications(ctx context.Context) (string, error) {
	n, err := inBatches(ctx, h.Keep.Notifications, h.Store.ForgetNotifications)
	return tally("forgot", n, "notification"), err
}
