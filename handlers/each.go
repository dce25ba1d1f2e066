package handlers

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"heyq/internal/logkey"
	"heyq/internal/policy"
	"heyq/jobs"
	"heyq/store"
)

// recipe does one step of one video. Its context ends with the lease, and when
// the worker shuts down.
type recipe func(ctx context.Context, run store.Run, g guard) store.End

// each runs a recipe for every video of a task, as many at once as the queue's
// limit lets through in this process.
func (h *Handlers) each(ctx context.Context, step store.Step, queue jobs.Queue, task jobs.VideoTask, do recipe) error {
	limit := h.limits[queue]
	ready, waiting := h.split(limit, task.Videos)
	var report report
	var all sync.WaitGroup
	for _, c := range ready {
		all.Go(func() { report.add(h.one(ctx, step, limit, c, do)) })
	}
	if err := h.leases.wait(ctx, waiting); err != nil {
		// They are not held, and will be dispatched again: that is all.
		report.add(err)
	}
	for i, c := range waiting {
		if !h.acquire(ctx, limit) {
			report.add(h.giveBack(ctx, waiting[i:]))
			break
		}
		if !h.leases.release(c) {
			limit.Leave()
			continue
		}
		all.Go(func() { report.add(h.one(ctx, step, limit, c, do)) })
	}
	all.Wait()
	return report.result()
}

// split takes as many places as are free right now.
func (h *Handlers) split(limit *policy.Bulkhead, claims []store.Claim) (ready, waiting []store.Claim) {
	for i := range claims {
		if !h.tryAcquire(limit) {
			return claims[:i], claims[i:]
		}
	}
	return claims, nil
}

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

// giveBack makes claims due again that were taken off the queue and not begun.
func (h *Handlers) giveBack(ctx context.Context, claims []store.Claim) error {
	h.leases.releaseAll(claims)
	return h.Store.Unclaim(context.WithoutCancel(ctx), claims)
}

// one does a step of one video. The caller holds a place of limit, which is
// free again when the outside call is over.
func (h *Handlers) one(ctx context.Context, step store.Step, limit *policy.Bulkhead, c store.Claim, do recipe) error {
	free := sync.OnceFunc(func() { limit.Leave() })
	defer free()
	g := newGuard(h.Lease)
	run, begun, err := h.writes.begin(ctx, step, c)
	if err != nil || !begun {
		return err
	}
	runCtx, stop := h.leases.start(ctx, run.Fence)
	runCtx, w := h.begin(runCtx, step, &run)
	ends := h.safely([]store.Run{run}, func() []store.End { return []store.End{do(runCtx, run, g)} })
	stop()
	free()
	return h.finish(ctx, w, &run, ends[0])
}

// errPanicked stands for a panic, which a line of its own told of.
var errPanicked = errors.New("the handler panicked")

// safely turns a panic into a failed step of the runs that it was about: their
// rows count it, and the other videos of the task go on.
func (h *Handlers) safely(runs []store.Run, do func() []store.End) (ends []store.End) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		about(h.Log.Error(), runs[0].Video, runs[0].Origin).Interface(logkey.Panic, r).Int(logkey.Videos, len(runs)).
			Bytes(logkey.Stack, debug.Stack()).Msg("a handler panicked")
		ends = make([]store.End, len(runs))
		for i, run := range runs {
			ends[i] = because(h.stepFailed(run, fmt.Errorf("the handler panicked: %v", r)), errPanicked)
		}
	}()
	return do()
}

// finish writes an outcome and sends what follows from it.
func (h *Handlers) finish(ctx context.Context, w work, run *store.Run, end store.End) error {
	ended, ok, err := h.writes.end(ctx, end)
	h.end(w, run, &end, ended, ok, err)
	if err != nil || !ok {
		return err
	}
	h.wakeFor(end)
	h.countStep(end, ended)
	if ended.Next != nil {
		ended.Next.Trace = run.Origin.Trace
		return h.Sender.Send(context.WithoutCancel(ctx), store.Download, []store.Claim{*ended.Next})
	}
	return nil
}

// wakeFor has the dispatcher give a free slot away without waiting for its tick.
func (h *Handlers) wakeFor(ends ...store.End) {
	if slices.ContainsFunc(ends, func(e store.End) bool { return e.FreeSlot }) {
		h.Wake()
	}
}

// report gathers which rows of a task could not be reached. What became of the
// others they say themselves.
type report struct {
	mu   sync.Mutex
	errs []error
}

func (r *report) add(err error) {
	if err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

// result is the task's: an error where a row could not be reached, which asynq
// retries, and nil otherwise. A video that failed is no failure of its messenger.
func (r *report) result() error { return errors.Join(r.errs...) }
