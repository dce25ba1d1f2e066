package handlers

import (
	"context"

	"github.com/google/uuid"

	"heyq/internal/policy"
	"heyq/jobs"
	"heyq/store"
)

// together begins all videos of a task at once, asks one question about them,
// and writes the answers in one statement.
func (h *Handlers) together(ctx context.Context, step store.Step, queue jobs.Queue, task jobs.VideoTask,
	ask func(ctx context.Context, runs []store.Run) []store.End,
) error {
	limit := h.limits[queue]
	claims, ready, err := h.turn(ctx, limit, task.Videos)
	if err != nil || !ready {
		return err
	}
	defer limit.Leave()
	runs, err := h.writes.beginAll(ctx, step, claims)
	if err != nil || len(runs) == 0 {
		return err
	}
	askCtx, stop := h.leases.startAll(ctx, runs)
	askCtx, w := h.beginAll(askCtx, step, runs)
	ends := h.safely(runs, func() []store.End { return ask(askCtx, runs) })
	stop()
	return h.finishAll(ctx, w, runs, ends)
}

// turn waits for a place, and holds the claims while it waits. It returns
// those that may still begin.
func (h *Handlers) turn(ctx context.Context, limit *policy.Bulkhead, claims []store.Claim) (current []store.Claim, ready bool, err error) {
	if h.tryAcquire(limit) {
		return claims, true, nil
	}
	if err := h.leases.wait(ctx, claims); err != nil {
		h.leases.releaseAll(claims) // the task is tried again; its rows must not be kept from anyone else
		return nil, false, err
	}
	if !h.acquire(ctx, limit) {
		return nil, false, h.giveBack(ctx, claims)
	}
	return h.leases.releaseAll(claims), true, nil
}

// finishAll writes outcomes and sends what follows from them.
func (h *Handlers) finishAll(ctx context.Context, w work, runs []store.Run, ends []store.End) error {
	ended, err := h.writes.endAll(ctx, ends)
	if err != nil {
		w.span.Error(err).End()
		return err
	}
	h.wakeFor(ends...)
	outcome := make(map[uuid.UUID]store.Ended, len(ended))
	for _, e := range ended {
		outcome[e.Video] = e
	}
	h.endAll(w, runs, ends, outcome)
	for i, end := range ends {
		h.countStep(end, outcome[end.Video])
		if next := outcome[end.Video].Next; next != nil {
			next.Trace = runs[i].Origin.Trace
		}
	}
	return h.Sender.Send(context.WithoutCancel(ctx), store.Download, store.Next(ended))
}
