package handlers

import (
	"context"

	"heyq/internal/logkey"
	"heyq/jobs"
)

// rollUpAnalytics brings the daily totals up to date.
func (h *Handlers) rollUpAnalytics(ctx context.Context, _ jobs.Scheduled) error {
	rows, err := h.Store.Rollup(ctx)
	if err != nil {
		return err
	}
	h.Log.Debug().Int(logkey.Rows, rows).Msg("daily totals rolled up")
	return h.Store.RecordRun(ctx, jobs.AnalyticsRollup.Name)
}
