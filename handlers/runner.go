package handlers

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/internal/logkey"
	"heyq/internal/policy"
	"heyq/jobs"
	"heyq/store"
)

// This file runs the recipes: begin, lease, span, panic net, end, log, count, send
// stand here, once for all kinds that rows drive.

// recipe is what a step does with the videos of a task, and how they are begun. It
// has either one or batch.
type recipe struct {
	step  store.Step
	queue jobs.Queue // bounds the outside calls in flight in this process

	// one makes an outside call for one video. Its context ends with the lease of
	// the run, and when the worker shuts down.
	one func(context.Context, store.Run, sendDeadline) store.End

	// batch makes one outside call for all videos of a task, whose ends are written
	// in one statement. A lease that is lost does not end its context if the call
	// answers for others too.
	batch func(context.Context, []store.Run) []store.End

	// prefetch begins all videos of a task at once, in one statement, before they
	// have their places. Their leases are renewed while they wait. A create may not
	// do so, since its Begin counts as a send.
	prefetch bool
}

func (r recipe) do(ctx context.Context, runs []store.Run, deadline sendDeadline) []store.End {
	if r.batch != nil {
		return r.batch(ctx, runs)
	}
	return []store.End{r.one(ctx, runs[0], deadline)}
}

// runVideos runs a recipe for the videos of a task. Those that cannot have a place
// yet wait: their claims are held, so that they are not dispatched again.
func (h *Handlers) runVideos(ctx context.Context, task jobs.VideoTask, r recipe) error {
	if r.prefetch {
		return h.runPrefetched(ctx, task.Videos, r)
	}
	share := 1
	if r.batch != nil {
		share = max(1, len(task.Videos))
	}
	groups := slices.Collect(slices.Chunk(task.Videos, share))
	limit := h.limits[r.queue]
	var all fanOut
	for len(groups) > 0 && h.tryAcquire(limit) {
		claims := groups[0]
		groups = groups[1:]
		all.run(func() error { return h.runInPlace(ctx, limit, claims, r) })
	}
	// Claims that could not be held are dispatched again: that is all.
	all.add(h.leases.wait(ctx, slices.Concat(groups...)))
	for i, group := range groups {
		if !h.acquire(ctx, limit) {
			all.add(h.giveBack(ctx, slices.Concat(groups[i:]...)))
			break
		}
		claims := h.leases.release(group)
		all.run(func() error { return h.runInPlace(ctx, limit, claims, r) })
	}
	return all.wait()
}

// runInPlace begins claims that have a place of limit, and leaves it when the
// outside call is over.
func (h *Handlers) runInPlace(ctx context.Context, limit *policy.Bulkhead, claims []store.Claim, r recipe) error {
	leave := sync.OnceFunc(limit.Leave)
	defer leave()
	deadline := newSendDeadline(h.Lease)
	runs, err := h.writes.begin(ctx, r.step, claims)
	if err != nil || len(runs) == 0 {
		return err
	}
	return h.attempt(ctx, r.step, runs, func(ctx context.Context) []store.End {
		defer leave()
		return r.do(ctx, runs, deadline)
	})
}

// runPrefetched begins claims and gives each run a place in its turn. A run that
// gets none any more is handed back.
func (h *Handlers) runPrefetched(ctx context.Context, claims []store.Claim, r recipe) error {
	if h.drainCtx.Err() != nil {
		return h.giveBack(ctx, claims)
	}
	runs, err := h.writes.begin(ctx, r.step, claims)
	if err != nil {
		return err
	}
	limit := h.limits[r.queue]
	var all fanOut
	for run := range slices.Chunk(runs, 1) {
		all.run(func() error {
			return h.attempt(ctx, r.step, run, func(ctx context.Context) []store.End {
				if !h.acquire(ctx, limit) {
					return []store.End{store.HandedBack(run[0])}
				}
				defer limit.Leave()
				return r.do(ctx, run, sendDeadline{})
			})
		})
	}
	return all.wait()
}

// attempt makes one attempt at a step with runs that share an outside call, under
// their leases.
func (h *Handlers) attempt(ctx context.Context, step store.Step, runs []store.Run, do func(context.Context) []store.End) error {
	runCtx, stop := h.leases.start(ctx, runs)
	runCtx, a := h.begin(runCtx, step, runs)
	ends := safely(h, func() []store.End { return do(runCtx) }, func(err error, e *zerolog.Event) []store.End {
		about(e, runs[0].Video, runs[0].Origin).Int(logkey.Videos, len(runs)).Msg(panicLine)
		return endsOf(runs, func(run store.Run) store.End { return because(h.stepFailed(run, err), errPanicked) })
	})
	stop()
	return h.finish(ctx, a, runs, ends)
}

// finish writes the ends of runs into the store, and logs and counts what came
// of them. It wakes the dispatcher if a slot is free now, and sends the
// downloads that follow.
func (h *Handlers) finish(ctx context.Context, a activity, runs []store.Run, ends []store.End) error {
	ended, err := h.writes.end(ctx, ends)
	if err != nil {
		a.span.Error(err).End()
		return err
	}
	outcomes := make(map[uuid.UUID]store.Ended, len(ended))
	for _, e := range ended {
		outcomes[e.Video] = e
	}
	h.end(a, runs, ends, outcomes)
	freed := false
	for i, end := range ends {
		outcome, ours := outcomes[end.Video]
		if !ours {
			continue
		}
		h.countStep(end, outcome)
		freed = freed || end.FreeSlot
		if outcome.Next != nil {
			outcome.Next.Trace = runs[i].Origin.Trace
		}
	}
	if freed {
		h.Wake() // the dispatcher gives the slot away without waiting for its tick
	}
	if next := store.Next(ended); len(next) > 0 {
		return h.Sender.Send(context.WithoutCancel(ctx), store.Download, next)
	}
	return nil
}

// endsOf are the ends of runs that share an outside call.
func endsOf(runs []store.Run, end func(store.Run) store.End) []store.End {
	ends := make([]store.End, len(runs))
	for i, run := range runs {
		ends[i] = end(run)
	}
	return ends
}

const panicLine = "a handler panicked"

// errPanicked stands for a panic of a handler. The panic itself has a log line
// of its own.
var errPanicked = errors.New("the handler panicked")

// safely turns a panic of do into the outcome that failed makes of it: the rows count
// it, and the others of the task go on. failed also writes its line.
func safely[E any](h *Handlers, do func() E, failed func(error, *zerolog.Event) E) (end E) {
	defer func() {
		if r := recover(); r != nil {
			end = failed(fmt.Errorf("%w: %v", errPanicked, r), h.Log.Error().Interface(logkey.Panic, r).Bytes(logkey.Stack, debug.Stack()))
		}
	}()
	return do()
}

// fanOut is what a task does side by side.
type fanOut struct {
	running sync.WaitGroup
	mu      sync.Mutex // guards errs
	errs    []error
}

func (f *fanOut) run(do func() error) {
	f.running.Go(func() { f.add(do()) })
}

func (f *fanOut) add(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs = append(f.errs, err)
}

// wait returns an error if a row could not be reached, which asynq retries. A
// video that failed is no failure of its task: its row says it.
func (f *fanOut) wait() error {
	f.running.Wait()
	return errors.Join(f.errs...)
}
