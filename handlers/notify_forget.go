package handlers

import (
	"context"
	"time"
)

// notificationAge is how long the log of a delivery is kept.
const notificationAge = 30 * 24 * time.Hour

// forgetNotifications drops what ended so long ago that nobody asks for it.
func (h *Handlers) forgetNotifications(ctx context.Context) (string, error) {
	n, err := h.Store.ForgetNotifications(ctx, notificationAge)
	return tally("forgot", n, "notification"), err
}
