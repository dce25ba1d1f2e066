package handlers

import "context"

// watchOps sees whether all is well, and tells people if not.
func (h *Handlers) watchOps(ctx context.Context) (string, error) { return "", h.Watch(ctx) }
