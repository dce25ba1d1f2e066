package handlers

import (
	"context"

	"heyq/jobs"
)

// watchOps looks whether all is well, and tells people where it is not.
func (h *Handlers) watchOps(ctx context.Context, _ jobs.Scheduled) error {
	if err := h.Look(ctx); err != nil {
		return err
	}
	return h.Store.RecordRun(ctx, jobs.OpsWatch.Name)
}
