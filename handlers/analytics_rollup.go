package handlers

import "context"

// rollUpAnalytics brings the daily totals up to date.
func (h *Handlers) rollUpAnalytics(ctx context.Context) (string, error) {
	n, err := h.Store.Rollup(ctx)
	return tally("wrote", n, "daily total"), err
}
