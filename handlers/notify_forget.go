package handlers

import (
	"context"
	"time"

	"heyq/jobs"
)

// notificationAge is how long the log of a delivery is kept.
const notificationAge = 30 * 24 * time.Hour

// forgetNotifications drops what ended so long ago that nobody asks for it.
func (h *Handlers) forgetNotifications(ctx context.Context, _ jobs.Scheduled) error {
	if _, err := h.Store.ForgetNotifications(ctx, notificationAge); err != nil {
		return err
	}
	return h.Store.RecordRun(ctx, jobs.NotifyForget.Name)
}
