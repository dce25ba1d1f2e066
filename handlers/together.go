package handlers

import (
	"context"

	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"

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
	defer limit.Release(1)
	runs, err := h.writes.beginAll(ctx, step, claims)
	if err != nil || len(runs) == 0 {
		return err
	}
	askCtx, stop := h.leases.startAll(ctx, runs)
	ends := h.safely(runs, func() []store.End { return ask(askCtx, runs) })
	stop()
	return h.finishAll(ctx, ends)
}

// turn waits for a place, and holds the claims while it waits. It returns
// those that may still begin.
func (h *Handlers) turn(ctx context.Context, limit *semaphore.Weighted, claims []store.Claim) (current []store.Claim, ready bool, err error) {
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
func (h *Handlers) finishAll(ctx context.Context, ends []store.End) error {
	ended, err := h.writes.endAll(ctx, ends)
	if err != nil {
		return err
	}
	h.wakeFor(ends...)
	outcome := make(map[uuid.UUID]store.Ended, len(ended))
	for _, e := range ended {
		outcome[e.Video] = e
	}
	var report report
	for _, end := range ends {
		h.countStep(end, outcome[end.Video])
		report.add(failedNow(end, outcome[end.Video]), nil)
	}
	report.add("", h.Sender.Send(context.WithoutCancel(ctx), store.Download, store.Next(ended)))
	return report.result()
}
