package handlers

import (
	"context"
	"sync"

	"heyq/internal/policy"
	"heyq/jobs"
	"heyq/store"
)

// ahead begins all videos of a task at once, in one statement, and runs a
// recipe for each as the queue's limit lets it through. The leases of those
// that wait for a place are renewed with the others. It is for steps that may
// begin long before their outside call: a create may not, since its Begin
// counts as a send.
func (h *Handlers) ahead(ctx context.Context, step store.Step, queue jobs.Queue, task jobs.VideoTask, do recipe) error {
	if h.drainCtx.Err() != nil {
		return h.giveBack(ctx, task.Videos)
	}
	runs, err := h.writes.beginAll(ctx, step, task.Videos)
	if err != nil {
		return err
	}
	limit := h.limits[queue]
	var report report
	var all sync.WaitGroup
	for _, run := range runs {
		runCtx, stop := h.leases.start(ctx, run.Fence)
		all.Go(func() {
			end := h.inTurn(runCtx, limit, run, do)
			stop()
			report.add(h.finish(ctx, end))
		})
	}
	all.Wait()
	return report.result()
}

// inTurn waits for a place and runs the recipe. A run that gets none any more
// is handed back.
func (h *Handlers) inTurn(ctx context.Context, limit *policy.Bulkhead, run store.Run, do recipe) store.End {
	if !h.acquire(ctx, limit) {
		return store.HandedBack(run)
	}
	defer limit.Leave()
	return h.safely([]store.Run{run}, func() []store.End { return []store.End{do(ctx, run, guard{})} })[0]
}
