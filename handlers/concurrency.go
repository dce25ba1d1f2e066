package handlers

import (
	"context"

	"heyq/internal/policy"
)

// tryAcquire takes a place if one is free right now, and new work may begin.
func (h *Handlers) tryAcquire(limit *policy.Bulkhead) bool {
	return h.drainCtx.Err() == nil && limit.TryEnter()
}

// acquire waits for a place; false says that nothing new is to begin.
func (h *Handlers) acquire(ctx context.Context, limit *policy.Bulkhead) bool {
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.drainCtx, cancel)()
	if limit.Enter(wait) != nil {
		return false
	}
	if ctx.Err() != nil || h.drainCtx.Err() != nil { // their cancel may reach wait later than the place does
		limit.Leave()
		return false
	}
	return true
}
