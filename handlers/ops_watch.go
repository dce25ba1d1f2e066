package handlers

import "context"

// watchOps looks whether all is well, and tells people where it is not.
func (h *Handlers) watchOps(ctx context.Context) (string, error) { return "", h.Look(ctx) }
