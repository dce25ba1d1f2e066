package handlers

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"

	"heyq/jobs"
	"heyq/store"
)

// asked is a question that takes callTime and notes its runs.
type asked struct {
	mu             sync.Mutex
	runs           [][]store.Run
	inFlight, most int
}

func (a *asked) ask(_ context.Context, runs []store.Run) []store.End {
	a.mu.Lock()
	a.runs = append(a.runs, runs)
	a.inFlight++
	a.most = max(a.most, a.inFlight)
	a.mu.Unlock()
	time.Sleep(callTime)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inFlight--
	ends := make([]store.End, len(runs))
	for i, run := range runs {
		ends[i] = store.Rendered(run)
	}
	return ends
}

func (b *bench) poll(ctx context.Context, claims []store.Claim, ask func(context.Context, []store.Run) []store.End) error {
	return b.runVideos(ctx, jobs.VideoTask{Videos: claims}, recipe{step: store.Poll, queue: jobs.PollQueue, batch: ask})
}

func TestRunVideos_batch_asks_once_for_a_task_and_sends_what_follows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		claims := b.store.addMany(3, store.Rendering)
		b.store.steal(claims[1].Video)
		var a asked
		if err := b.poll(t.Context(), claims, a.ask); err != nil {
			t.Fatal(err)
		}
		if len(a.runs) != 1 || len(a.runs[0]) != 2 {
			t.Errorf("asked %v; want once, for the two that began", a.runs)
		}
		compare(t, "sent", b.sender.sent, []store.Claim{
			{Video: claims[0].Video, Claim: claims[0].Claim + 2}, {Video: claims[2].Video, Claim: claims[2].Claim + 2},
		})
		if b.woken.Load() != 1 {
			t.Errorf("the dispatcher was woken %d times for free slots, want once", b.woken.Load())
		}
	})
}

func TestRunVideos_batch_asks_nothing_for_a_duplicate_delivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(4))
		claims := b.store.addMany(3, store.Rendering)
		var a asked
		var done sync.WaitGroup
		for range 4 {
			done.Go(func() {
				if err := b.poll(t.Context(), claims, a.ask); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if len(a.runs) != 1 {
			t.Errorf("asked %d times", len(a.runs))
		}
	})
}

func TestRunVideos_batch_keeps_to_the_limit_and_holds_what_waits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(2))
		var a asked
		var done sync.WaitGroup
		start := time.Now()
		for range 6 {
			claims := b.store.addMany(10, store.Rendering)
			done.Go(func() {
				if err := b.poll(t.Context(), claims, a.ask); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if took := time.Since(start); a.most != 2 || took != 3*callTime {
			t.Errorf("%d calls were in flight, all done after %s; want 2 and %s", a.most, took, 3*callTime)
		}
		if len(b.store.held) != 40 || len(b.leases.held) != 0 {
			t.Errorf("%d claims were held, %d still are; want 40 and none", len(b.store.held), len(b.leases.held))
		}
	})
}

func TestRunVideos_batch_turns_a_panic_into_failed_steps(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	claims := b.store.addMany(3, store.Rendering)
	err := b.poll(t.Context(), claims, func(context.Context, []store.Run) []store.End { panic("nil map") })
	if err != nil {
		t.Error(err)
	}
	if len(b.store.ended) != 3 {
		t.Fatalf("%d of 3 runs ended", len(b.store.ended))
	}
	for _, e := range b.store.ended {
		if e.To != store.Rendering || e.Attempts != store.CountAttempt || e.FreeSlot {
			t.Errorf("ended as %+v", e)
		}
	}
	if len(b.leases.running) != 0 {
		t.Error("leases are still renewed: their rows would wait for ever")
	}
}

func TestRunVideos_batch_holds_nothing_after_a_failure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(1))
		var a asked
		var done sync.WaitGroup
		done.Go(func() { _ = b.poll(t.Context(), b.store.addMany(1, store.Rendering), a.ask) })
		synctest.Wait() // it has the one place
		b.store.fail(errAway)
		err := b.poll(t.Context(), b.store.addMany(3, store.Rendering), a.ask)
		b.store.fail(nil)
		done.Wait()
		if !errors.Is(err, errAway) || errors.Is(err, asynq.SkipRetry) {
			t.Errorf("got %v, want the store's error, for a retry", err)
		}
		if len(b.leases.held) != 0 {
			t.Errorf("%d claims are kept from everybody else", len(b.leases.held))
		}
	})
}

func TestRunVideos_batch_gives_its_claims_back_when_it_drains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(1))
		var a asked
		var done sync.WaitGroup
		done.Go(func() { _ = b.poll(t.Context(), b.store.addMany(1, store.Rendering), a.ask) })
		synctest.Wait()
		claims := b.store.addMany(3, store.Rendering)
		done.Go(func() {
			if err := b.poll(t.Context(), claims, a.ask); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		b.Drain(t.Context())
		done.Wait()
		compare(t, "given back", b.store.unclaimed, claims)
		compare(t, "questions", len(a.runs), 1)
		compare(t, "still held", len(b.leases.held), 0)
	})
}

func TestRunVideos_batch_leaves_no_failure_to_the_archive(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	claims := b.store.addMany(2, store.Rendering)
	err := b.poll(t.Context(), claims, func(_ context.Context, runs []store.Run) []store.End {
		return []store.End{
			store.RenderFailed(runs[0], store.Failure{Code: "MODERATION", Message: "not allowed", Step: store.Poll}),
			store.StillRendering(runs[1], time.Second),
		}
	})
	if err != nil {
		t.Errorf("got %v, which asynq keeps", err)
	}
	compare(t, "states", b.store.states(claims), []store.State{store.Failed, store.Rendering})
}

// A row that another transaction holds, or that cannot be written, fails alone.
func TestRunVideos_batch_one_bad_row_fails_alone(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]error{"locked": errLocked, "refused": errors.New("the database refuses it")} {
		for _, when := range []string{"at its begin", "at its end"} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := newBench(t, nil)
					claims := b.store.addMany(3, store.Rendering)
					if when == "at its begin" {
						b.store.spoil(claims[1].Video, bad)
					}
					var a asked
					err := b.poll(t.Context(), claims, func(ctx context.Context, runs []store.Run) []store.End {
						b.store.spoil(claims[1].Video, bad)
						return a.ask(ctx, runs)
					})
					if err != nil {
						t.Errorf("the task failed: %v", err)
					}
					compare(t, "states", b.store.states(claims), []store.State{store.Downloading, store.Rendering, store.Downloading})
				})
			})
		}
	}
}
