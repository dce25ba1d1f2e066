package handlers

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/hibiken/asynq"
	"golang.org/x/sync/semaphore"

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
		report.add("", err)
	}
	for i, c := range waiting {
		if !h.acquire(ctx, limit) {
			report.add("", h.giveBack(ctx, waiting[i:]))
			break
		}
		if !h.leases.release(c) {
			limit.Release(1)
			continue
		}
		all.Go(func() { report.add(h.one(ctx, step, limit, c, do)) })
	}
	all.Wait()
	return report.result()
}

// split takes as many places as are free right now.
func (h *Handlers) split(limit *semaphore.Weighted, claims []store.Claim) (ready, waiting []store.Claim) {
	for i := range claims {
		if !h.tryAcquire(limit) {
			return claims[:i], claims[i:]
		}
	}
	return claims, nil
}

// tryAcquire takes a place if one is free right now, and new work may begin.
func (h *Handlers) tryAcquire(limit *semaphore.Weighted) bool {
	return h.drainCtx.Err() == nil && limit.TryAcquire(1)
}

// acquire waits for a place; false says that nothing new is to begin.
func (h *Handlers) acquire(ctx context.Context, limit *semaphore.Weighted) bool {
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.drainCtx, cancel)()
	if limit.Acquire(wait, 1) != nil {
		return false
	}
	if ctx.Err() != nil || h.drainCtx.Err() != nil { // their cancel may reach wait later than the place does
		limit.Release(1)
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
// free again when the outside call is over. failed is why the video ended
// failed, if it did.
func (h *Handlers) one(ctx context.Context, step store.Step, limit *semaphore.Weighted, c store.Claim, do recipe) (failed string, err error) {
	free := sync.OnceFunc(func() { limit.Release(1) })
	defer free()
	g := newGuard(h.Lease)
	run, begun, err := h.writes.begin(ctx, step, c)
	if err != nil || !begun {
		return "", err
	}
	runCtx, stop := h.leases.start(ctx, run.Fence)
	ends := h.safely([]store.Run{run}, func() []store.End { return []store.End{do(runCtx, run, g)} })
	stop()
	free()
	return h.finish(ctx, ends[0])
}

// safely turns a panic into a failed step of the runs that it was about: their
// rows count it, and the other videos of the task go on.
func (h *Handlers) safely(runs []store.Run, do func() []store.End) (ends []store.End) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		h.Log.Error().Interface("panic", r).Stringer("video", runs[0].Video).Int("videos", len(runs)).
			Bytes("stack", debug.Stack()).Msg("a handler panicked")
		ends = make([]store.End, len(runs))
		for i, run := range runs {
			ends[i] = h.stepFailed(run, fmt.Errorf("the handler panicked: %v", r))
		}
	}()
	return do()
}

// finish writes an outcome and sends what follows from it.
func (h *Handlers) finish(ctx context.Context, end store.End) (failed string, err error) {
	ended, ok, err := h.writes.end(ctx, end)
	if err != nil || !ok {
		return "", err
	}
	h.wakeFor(end)
	h.countStep(end, ended)
	failed = failedNow(end, ended)
	if ended.Next != nil {
		err = h.Sender.Send(context.WithoutCancel(ctx), store.Download, []store.Claim{*ended.Next})
	}
	return failed, err
}

// wakeFor has the dispatcher give a free slot away without waiting for its tick.
func (h *Handlers) wakeFor(ends ...store.End) {
	if slices.ContainsFunc(ends, func(e store.End) bool { return e.FreeSlot }) {
		h.Wake()
	}
}

// failedNow says why a video failed by this very outcome; empty: it did not.
func failedNow(end store.End, ended store.Ended) string {
	if ended.State != store.Failed || end.State == store.Failed || end.Failure == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s: %s", ended.Video, end.Failure.Code, end.Failure.Message)
}

// report gathers what a task's videos came to.
type report struct {
	mu     sync.Mutex
	failed []string
	errs   []error
}

func (r *report) add(failed string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if failed != "" {
		r.failed = append(r.failed, failed)
	}
	if err != nil {
		r.errs = append(r.errs, err)
	}
}

// result is the task's: an error where the row could not be reached, which
// asynq retries; an archived reason where a video failed for good.
func (r *report) result() error {
	if err := errors.Join(r.errs...); err != nil {
		return err
	}
	if len(r.failed) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(r.failed, "; "), asynq.SkipRetry)
	}
	return nil
}
