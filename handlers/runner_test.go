package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"heyq/jobs"
	"heyq/store"
)

// callTime is how long the outside call of these tests takes, by the fake clock.
const callTime = time.Second

// calls is a recipe that takes callTime and notes what it was called for.
type calls struct {
	mu               sync.Mutex
	made             map[uuid.UUID]int
	inFlight, most   int
	end              func(store.Run) store.End
	cancelledWhileAt int
}

func newCalls(end func(store.Run) store.End) *calls {
	return &calls{made: map[uuid.UUID]int{}, end: end}
}

func (c *calls) recipe(ctx context.Context, run store.Run, _ sendDeadline) store.End {
	c.mu.Lock()
	c.made[run.Video]++
	c.inFlight++
	c.most = max(c.most, c.inFlight)
	c.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-time.After(callTime):
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inFlight--
	if ctx.Err() != nil {
		c.cancelledWhileAt++
	}
	return c.end(run)
}

func downloaded(run store.Run) store.End {
	return store.Downloaded(run, "videos/x/1/", store.File{Bytes: 1})
}

type oneVideo = func(context.Context, store.Run, sendDeadline) store.End

func (b *bench) download(ctx context.Context, claims []store.Claim, do oneVideo) error {
	return b.runVideos(ctx, jobs.VideoTask{Videos: claims}, recipe{step: store.Download, queue: jobs.DownloadQueue, one: do})
}

func (b *bench) pollOne(ctx context.Context, claim store.Claim, do oneVideo) error {
	return b.runVideos(ctx, jobs.VideoTask{Videos: []store.Claim{claim}}, recipe{step: store.Poll, queue: jobs.PollQueue, one: do})
}

func all(state store.State, n int) []store.State { return slices.Repeat([]store.State{state}, n) }

func TestRunVideos_keeps_every_place_busy_and_no_more(t *testing.T) {
	t.Parallel()
	for name, download := range map[string]func(*bench, context.Context, []store.Claim, oneVideo) error{
		"begun one by one": (*bench).download, "begun at once": (*bench).downloadPrefetched,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const limit, tasks, videos = 4, 3, 8
				b := newBench(t, nil, limited(limit))
				c := newCalls(downloaded)
				start := time.Now()
				var done sync.WaitGroup
				var claims []store.Claim
				for range tasks {
					list := b.store.addMany(videos, store.Downloading)
					claims = append(claims, list...)
					done.Go(func() {
						if err := download(b, t.Context(), list, c.recipe); err != nil {
							t.Error(err)
						}
					})
				}
				done.Wait()
				if c.most != limit {
					t.Errorf("%d calls were in flight, want %d", c.most, limit)
				}
				if took, want := time.Since(start), tasks*videos/limit*callTime; took != want {
					t.Errorf("took %s, want %s: a place was idle", took, want)
				}
				compare(t, "states", b.store.states(claims), all(store.Completed, tasks*videos))
				compare(t, "leases left", len(b.leases.running), 0)
			})
		})
	}
}

func TestRunVideos_does_nothing_for_a_duplicate_delivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(50))
		c := newCalls(downloaded)
		claims := b.store.addMany(5, store.Downloading)
		var done sync.WaitGroup
		for range 4 { // at once
			done.Go(func() {
				if err := b.download(t.Context(), slices.Concat(claims, claims), c.recipe); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if err := b.download(t.Context(), claims, c.recipe); err != nil { // and late
			t.Error(err)
		}
		for _, claim := range claims {
			if n := c.made[claim.Video]; n != 1 {
				t.Errorf("%d calls were made for one claim", n)
			}
		}
		if len(b.store.ended) != len(claims) {
			t.Errorf("%d outcomes for %d claims", len(b.store.ended), len(claims))
		}
	})
}

func TestRunVideos_turns_a_panic_into_a_failed_step(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(2))
		claims := b.store.addMany(5, store.Downloading)
		c := newCalls(downloaded)
		err := b.download(t.Context(), claims, func(ctx context.Context, run store.Run, deadline sendDeadline) store.End {
			if run.Video == claims[1].Video {
				panic("nil map")
			}
			return c.recipe(ctx, run, deadline)
		})
		if err != nil {
			t.Error(err)
		}
		want := all(store.Completed, 5)
		want[1] = store.Downloading
		compare(t, "states", b.store.states(claims), want)
		i := slices.IndexFunc(b.store.ended, func(e store.End) bool { return e.Video == claims[1].Video })
		if e := b.store.ended[i]; e.Attempts != store.CountAttempt || e.Due <= 0 {
			t.Errorf("the panic ended as %+v", e)
		}
		if len(b.leases.running) != 0 {
			t.Error("a lease is still renewed")
		}
	})
}

// A messenger of rows is never a dead letter: what became of them they say.
func TestRunVideos_leaves_no_failure_to_the_archive(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	claims := b.store.addMany(3, store.Downloading)
	err := b.download(t.Context(), claims, func(_ context.Context, run store.Run, _ sendDeadline) store.End {
		return store.GaveUp(run, store.Failure{Code: "no_link", Message: "there is no link", Step: store.Download}, 0)
	})
	if err != nil {
		t.Errorf("got %v, which asynq keeps", err)
	}
	compare(t, "states", b.store.states(claims), all(store.Failed, 3))
}

func TestRunVideos_has_nothing_to_archive_for_a_video_that_failed_before(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	claim := b.store.add(store.Failed, func(r *store.Run) { r.Slot = true })
	err := b.pollOne(t.Context(), claim,
		func(_ context.Context, run store.Run, _ sendDeadline) store.End {
			return store.RenderFailed(run, store.Failure{Code: "late", Step: store.Poll})
		})
	if err != nil {
		t.Error(err)
	}
	if b.woken.Load() == 0 {
		t.Error("nobody was told of the free slot")
	}
}

func TestRunVideos_is_tried_again_by_asynq_where_no_row_could_begin(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, limited(2))
	claims := b.store.addMany(5, store.Downloading)
	b.store.fail(errAway)
	c := newCalls(downloaded)
	err := b.download(t.Context(), claims, c.recipe)
	if !errors.Is(err, errAway) || errors.Is(err, asynq.SkipRetry) {
		t.Errorf("got %v, want the store's error, for a retry", err)
	}
	if len(c.made) != 0 || len(b.leases.held) != 0 {
		t.Errorf("%d calls were made, %d claims are held", len(c.made), len(b.leases.held))
	}
}

func TestRunVideos_sends_the_next_step_at_once(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	claim := b.store.add(store.Rendering)
	rendered := func(_ context.Context, run store.Run, _ sendDeadline) store.End { return store.Rendered(run) }
	if err := b.pollOne(t.Context(), claim, rendered); err != nil {
		t.Fatal(err)
	}
	compare(t, "sent", b.sender.sent, []store.Claim{{Video: claim.Video, Claim: claim.Claim + 2}})
}

func TestRunVideos_drops_waiting_claims_that_somebody_else_has(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(1))
		go func() { _ = b.Run(t.Context()) }()
		claims := b.store.addMany(12, store.Downloading)
		c := newCalls(downloaded)
		go func() {
			time.Sleep(callTime / 2)
			b.store.steal(claims[10].Video) // noticed by a renewal, five seconds in
			b.store.steal(claims[1].Video)  // begins nothing before that
		}()
		if err := b.download(t.Context(), claims, c.recipe); err != nil {
			t.Error(err)
		}
		if begun := len(c.made); begun != 10 || c.made[claims[10].Video]+c.made[claims[1].Video] != 0 {
			t.Errorf("%d of 10 videos ran, and of the two stolen ones: %v", begun, c.made)
		}
		// One is asked for in vain; the other one was known to be lost.
		if b.store.begins != 11 {
			t.Errorf("%d Begins were sent, want 11", b.store.begins)
		}
		if len(b.leases.held) != 0 {
			t.Errorf("%d claims are still held", len(b.leases.held))
		}
	})
}

func TestRunVideos_gives_waiting_claims_back_when_it_drains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(2))
		claims := b.store.addMany(5, store.Downloading)
		c := newCalls(downloaded)
		b.kinds["video:download"] = func(ctx context.Context, payload []byte) error {
			task, err := jobs.VideoDownload.Decode(payload)
			if err != nil {
				return err
			}
			return b.download(ctx, task.Videos, c.recipe)
		}
		var done sync.WaitGroup
		done.Go(func() {
			if err := b.ProcessTask(t.Context(), newTask(t, jobs.VideoDownload, claims)); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		start := time.Now()
		b.Drain(t.Context())
		if took := time.Since(start); took != callTime {
			t.Errorf("drained for %s, want until the running calls are done", took)
		}
		done.Wait()
		compare(t, "states", b.store.states(claims), append(all(store.Completed, 2), all(store.Downloading, 3)...))
		compare(t, "given back", b.store.unclaimed, claims[2:])
		compare(t, "still held", len(b.leases.held), 0)

		// A task that was fetched at the last moment begins nothing either.
		late := b.store.addMany(2, store.Downloading)
		if err := b.ProcessTask(t.Context(), newTask(t, jobs.VideoDownload, late)); err != nil {
			t.Error(err)
		}
		compare(t, "given back late", b.store.unclaimed[3:], late)
		compare(t, "calls", len(c.made), 2)
	})
}

func TestDrain_ends_with_its_context(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.kinds["slow"] = func(ctx context.Context, _ []byte) error { time.Sleep(time.Hour); return nil }
		go func() { _ = b.ProcessTask(t.Context(), asynq.NewTask("slow", nil)) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		b.Drain(ctx)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("drained for %s", took)
		}
		time.Sleep(time.Hour)
	})
}

func TestRunVideos_writes_what_it_did_though_its_context_ended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(2))
		claims := b.store.addMany(3, store.Downloading)
		c := newCalls(store.HandedBack)
		ctx, cancel := context.WithTimeout(t.Context(), callTime/2)
		defer cancel()
		if err := b.download(ctx, claims, c.recipe); err != nil {
			t.Error(err)
		}
		if len(b.store.ended) != 2 || c.cancelledWhileAt != 2 {
			t.Errorf("%d of 2 runs said that they were handed back", len(b.store.ended))
		}
		compare(t, "given back", b.store.unclaimed, claims[2:])
	})
}

func TestRunVideos_leaves_no_row_begun_when_its_context_ends_during_Begin(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	claim := b.store.add(store.Downloading)
	c := newCalls(store.HandedBack)
	if err := b.download(endedContext(), []store.Claim{claim}, c.recipe); err != nil {
		t.Error(err)
	}
	if len(b.store.ended) != b.store.begins {
		t.Errorf("%d Begins and %d Ends: the row waits for its lease to run out", b.store.begins, len(b.store.ended))
	}
}

func TestRunVideos_waits_for_a_database_that_is_away(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		claims := b.store.addMany(1, store.Downloading)
		err := b.download(t.Context(), claims, func(_ context.Context, run store.Run, _ sendDeadline) store.End {
			b.store.fail(errAway)
			time.AfterFunc(4*time.Second, func() { b.store.fail(nil) })
			return downloaded(run)
		})
		if err != nil {
			t.Error(err)
		}
		compare(t, "states", b.store.states(claims), all(store.Completed, 1))
	})
}

func newTask(t *testing.T, kind jobs.Kind[jobs.VideoTask], claims []store.Claim) *asynq.Task {
	t.Helper()
	payload, err := json.Marshal(jobs.VideoTask{Videos: claims})
	if err != nil {
		t.Fatal(err)
	}
	return asynq.NewTask(kind.Name, payload)
}
