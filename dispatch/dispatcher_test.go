package dispatch

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
)

func TestPass_enqueues_all_that_is_due(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	b.store.admit, b.store.analyses = 3, 120
	b.store.due = map[store.Step]int{store.Create: 1, store.Poll: 150, store.Download: 2}
	if err := b.Pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	for queue, want := range map[jobs.Queue][]int{
		jobs.CreateQueue: {1, 1, 1, 1}, jobs.PollQueue: {100, 50}, jobs.DownloadQueue: {1, 1}, jobs.AnalyticsQueue: {100, 20},
	} {
		compare(t, string(queue), sizes(b.pending(t, queue)), want)
	}
	if len(b.store.handed) != 276 || len(b.store.unclaimed) != 0 {
		t.Errorf("%d claims were taken, %d given back", len(b.store.handed), len(b.store.unclaimed))
	}
}

func TestPass_claims_nothing_while_Redis_is_away(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	b.store.admit, b.store.analyses = 5, 5
	b.store.due = map[store.Step]int{store.Create: 5, store.Poll: 5, store.Download: 5}
	b.mini.SetError("LOADING Redis is loading the dataset in memory")
	if err := b.Pass(t.Context()); err == nil {
		t.Error("passed without Redis")
	}
	if len(b.store.handed) != 0 || len(b.store.synced) != 0 {
		t.Errorf("%d claims were taken", len(b.store.handed))
	}
	b.mini.SetError("")
	if err := b.Pass(t.Context()); err != nil || len(b.store.handed) != 25 {
		t.Errorf("%d of 25 were taken when Redis was back, %v", len(b.store.handed), err)
	}
}

// Grants whose answer was lost would wait for redispatch, with their slots idle.
func TestPass_grants_again_what_was_lost(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	b.store.admit, b.store.losing = 3, true
	if err := b.Pass(t.Context()); err == nil {
		t.Fatal("passed without an answer")
	}
	b.store.fail(errors.New("away"))
	if err := b.Pass(t.Context()); err == nil {
		t.Fatal("passed without a database")
	}
	b.store.fail(nil)
	for range 2 {
		if err := b.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.store.regranted) != 1 || b.store.regranted[0] < pause {
		t.Errorf("granted again %v, want once, what the failed pass may have granted", b.store.regranted)
	}
}

// An API's dispatcher passes only when it is woken, and a failed pass is not left so.
func TestRun_passes_again_after_a_loss(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	b.store.admit, b.store.losing = 3, true
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx, 0) }()
	b.Wake()
	testkit.Eventually(t, func() error {
		b.store.mu.Lock()
		defer b.store.mu.Unlock()
		if len(b.store.regranted) == 0 {
			return errors.New("nothing was granted again")
		}
		return nil
	})
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestPass_gives_back_what_Redis_did_not_take(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	b.store.admit = 4
	b.store.due = map[store.Step]int{store.Poll: 150}
	b.store.claimed = func() { b.mini.SetError("READONLY You can't write against a read only replica.") }
	if err := b.Pass(t.Context()); err == nil {
		t.Error("passed without Redis")
	}
	if len(b.store.handed) == 0 {
		t.Fatal("nothing was claimed")
	}
	compare(t, "unclaimed", b.store.unclaimed, b.store.handed)
}

func TestPass_keeps_the_backlog_out_of_Redis(t *testing.T) {
	t.Parallel()
	const window = 200
	b := newBench(t, window)
	b.store.analyses = 5000
	b.store.due = map[store.Step]int{store.Create: 5000, store.Poll: 5000, store.Download: 5000}
	for range 10 {
		if err := b.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for queue, want := range map[jobs.Queue]int{
		jobs.CreateQueue: window, jobs.PollQueue: window, jobs.DownloadQueue: window, jobs.AnalyticsQueue: window,
	} {
		if n := videos(b.pending(t, queue)); n != want {
			t.Errorf("%d videos are pending on %s, want the window of %d", n, queue, want)
		}
	}
}

func TestPass_looks_for_notifications_once_a_second_or_while_there_are_more(t *testing.T) {
	t.Parallel()
	b := newBench(t, 50)
	b.store.notices = 60
	pass := func(wantTasks []int, wantLooks int) {
		t.Helper()
		if err := b.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, task := range pendingOn[jobs.NotifyTask](t, b.eyes, jobs.NotifyQueue) {
			got = append(got, len(task.Notifications))
		}
		slices.Sort(got)
		compare(t, "groups", got, wantTasks)
		if b.store.noticed != wantLooks {
			t.Errorf("looked %d times, want %d", b.store.noticed, wantLooks)
		}
	}
	pass([]int{1, 7, 7, 7, 7, 7, 7, 7}, 1) // a window's worth, in eight tasks
	b.mini.FlushAll()
	pass([]int{2, 2, 2, 2, 2}, 2) // more was due
	b.mini.FlushAll()
	b.store.notices = 1
	pass(nil, 2) // and then nothing: the next look is a second away
	b.nextNotify = time.Now()
	pass([]int{1}, 3)
}

func TestPass_gives_out_no_more_than_the_slots(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	b.slots, b.store.admit = 7, 100
	if err := b.Pass(t.Context()); err != nil || videos(b.pending(t, jobs.CreateQueue)) != 7 {
		t.Errorf("%d were sent for 7 slots, %v", videos(b.pending(t, jobs.CreateQueue)), err)
	}
}

func TestRun_passes_at_a_signal_and_stops_with_its_context(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	wait, stop := b.run(t, 0)
	b.Wake()
	wait(1)
	b.Wake()
	wait(2)
	stop()
}

func TestRun_passes_at_every_interval(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	wait, stop := b.run(t, time.Millisecond)
	wait(3)
	stop()
}

func TestWake_makes_one_pass_of_many_signals(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	in, out := make(chan struct{}), make(chan struct{})
	b.store.due[store.Poll] = 2
	first := true
	b.store.claimed = func() { // called by Admit, in the middle of the first pass
		if first {
			first = false
			close(in)
			<-out
		}
	}
	wait, stop := b.run(t, 0)
	b.Wake()
	<-in
	for range 1000 {
		b.Wake()
	}
	close(out)
	wait(2)
	stop()
	if n := b.store.passed(); n != 2 {
		t.Errorf("%d passes for a signal and a thousand during it, want 2", n)
	}
}

func TestRun_stops_at_once_though_passes_fail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1000)
		b.mini.Close()
		failed := make(chan struct{})
		b.log = zerolog.New(writerFunc(func([]byte) { close(failed) }))
		_, stop := b.run(t, 0)
		b.Wake()
		<-failed // the pause has begun
		start := time.Now()
		stop()
		if took := time.Since(start); took > 0 {
			t.Errorf("stopped after %s, in the pause after a failure", took)
		}
	})
}

// run runs the dispatcher. wait waits for a number of passes; stop ends it and
// waits for its end.
func (b *bench) run(t *testing.T, interval time.Duration) (wait func(passes int), stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx, interval) }()
	wait = func(passes int) {
		t.Helper()
		testkit.Eventually(t, func() error {
			if b.store.passed() < passes {
				return errors.New("not enough passes")
			}
			return nil
		})
	}
	return wait, func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

func TestReport_logs_the_beginning_and_the_end_of_a_failure(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d := &Dispatcher{log: zerolog.New(&log)}
	failed := false
	for _, err := range []error{nil, errAway, errAway, errAway, nil, nil} {
		d.report(err, &failed)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "interrupted") || !strings.Contains(lines[1], "goes on") {
		t.Errorf("logged %q", lines)
	}
}

// While nothing is due a dispatcher reads, and writes nothing; after a minute
// without anything open it seldom reads.
func TestRun_rests_while_nothing_is_due(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		next  store.NextDue
		busy  time.Duration // ago
		hears bool
		rest  time.Duration
	}{
		"nothing, for long":           {store.NextDue{In: store.NothingDue}, 2 * quietAfter, true, heardTick},
		"nothing, and it is not told": {store.NextDue{In: store.NothingDue}, 2 * quietAfter, false, idleTick},
		"nothing, for a moment":       {store.NextDue{In: store.NothingDue}, quietAfter / 2, true, Tick},
		"something that is open":      {store.NextDue{In: time.Hour, Open: true}, 2 * quietAfter, true, Tick},
		"something soon":              {store.NextDue{In: time.Second}, 2 * quietAfter, true, Tick},
		"something that waits":        {store.NextDue{In: time.Hour}, 2 * quietAfter, true, heardTick},
		"something before the look":   {store.NextDue{In: 5 * time.Second}, 2 * quietAfter, true, 5 * time.Second},
		"something a little later":    {store.NextDue{In: 2100 * time.Millisecond}, 2 * quietAfter, false, idleTick},
		"something due at this look":  {store.NextDue{}, 2 * quietAfter, true, Tick},
	} {
		b := newBench(t, 1000)
		b.store.next = c.next
		b.busy = time.Now().Add(-c.busy)
		b.hears.Store(c.hears)
		if err := b.pass(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if passes := b.store.passed(); (passes > 0) != (c.next.In == 0) {
			t.Errorf("%s: %d passes were made", name, passes)
		}
		compare(t, name, b.rest(Tick), c.rest)
	}
}

// An API's dispatcher has no rhythm: what it gives out, those of the workers must follow,
// who may be at rest. Once is enough while they are not.
func TestRun_tells_those_who_rest(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	wait, stop := b.run(t, 0)
	for n := range 2 {
		b.Wake()
		wait(n + 1)
	}
	stop()
	if b.store.told != 1 {
		t.Errorf("it told %d times, want once", b.store.told)
	}
}
