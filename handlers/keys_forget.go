package handlers

import (
	"context"
	"time"

	"heyq/jobs"
)

// keyAge is how long an Idempotency-Key of our own API is remembered.
const keyAge = 48 * time.Hour

// forgetKeys drops idempotency keys that nobody will send again.
func (h *Handlers) forgetKeys(ctx context.Context, _ jobs.Scheduled) error {
	if _, err := h.Store.ForgetKeys(ctx, keyAge); err != nil {
		return err
	}
	return h.Store.RecordRun(ctx, jobs.KeysForget.Name)
}
