package handlers_test

import (
	"fmt"
	"testing"
	"time"

	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
)

// order creates n videos.
func (p *pipeline) order(t *testing.T, n int) {
	t.Helper()
	list := make([]jobs.NewVideo, n)
	for i := range list {
		list[i] = jobs.NewVideo{Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1", VoiceID: "voice_1"}}
	}
	if _, err := p.client.CreateVideos(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

// until waits until the counts of videos by state are as wanted.
func (p *pipeline) until(t *testing.T, want func(map[store.State]int) bool) {
	t.Helper()
	testkit.Eventually(t, func() error {
		counts, err := p.store.Counts(t.Context())
		if err == nil && !want(counts) {
			err = fmt.Errorf("%v", counts)
		}
		return err
	})
}

// Pausing create stops spending at once, also for the videos of a list that a
// worker has fetched already; resuming goes on where it was.
func TestPause_create_stops_spending_real(t *testing.T) {
	t.Parallel()
	const n, slots = 120, 40
	p := newPipeline(t, slots, 150*time.Millisecond)
	board := operate.NewQueues(operate.QueuesOptions{Redis: p.redis, Store: p.store, Meter: p.meter, Slots: slots})
	p.order(t, n)
	p.until(t, func(counts map[store.State]int) bool { return counts[store.Completed] >= 10 })

	paused, err := board.Pause(t.Context(), jobs.CreateQueue)
	if err != nil || !paused.Line.Paused || paused.Admission.State != store.Paused {
		t.Fatalf("paused: %+v, %v", paused, err)
	}
	answered := p.simulator.Ledger().Accepted
	p.until(t, func(counts map[store.State]int) bool { return counts[store.Submitting] == 0 })
	settled := p.simulator.Ledger().Accepted
	if underWay := settled - answered; underWay > p.concurrency[jobs.CreateQueue] {
		t.Errorf("%d videos were sent after the pause, more than can be under way", underWay)
	}
	// Everything else goes on: each slot falls free, and nothing takes it.
	p.until(t, func(counts map[store.State]int) bool { return counts[store.Completed] == settled })
	o, err := board.Overview(t.Context())
	if err != nil || o.Redis != nil {
		t.Fatal(err, o.Redis)
	}
	if create := o.Lines[0]; o.SlotsHeld != 0 || create.Stored.Waiting != n-settled || settled == n {
		t.Errorf("%d slots are held, and %d videos wait of the %d that were not sent", o.SlotsHeld, create.Stored.Waiting, n-settled)
	}
	if got := p.simulator.Ledger().Accepted; got != settled {
		t.Errorf("%d videos were sent while create was paused", got-settled)
	}

	resumed, err := board.Resume(t.Context(), jobs.CreateQueue)
	if err != nil || resumed.Line.Paused || resumed.Admission.State != store.Open {
		t.Fatalf("resumed: %+v, %v", resumed, err)
	}
	p.waitFor(t, store.Completed, n)
	if got := p.simulator.Ledger().Accepted; got != n {
		t.Errorf("%d renders were billed for %d videos", got, n)
	}
	// Each video left each step once; what was measured comes a little later.
	testkit.Eventually(t, func() error {
		rates, err := p.meter.Rates(t.Context())
		for _, queue := range []jobs.Queue{jobs.CreateQueue, jobs.PollQueue, jobs.DownloadQueue, jobs.AnalyticsQueue} {
			if err == nil && rates[queue] != n {
				err = fmt.Errorf("%d were counted in %s, want %d", rates[queue], queue, n)
			}
		}
		return err
	})
}

// An account that HeyGen has refused is not opened by pausing and resuming.
func TestPause_create_keeps_a_stop_real(t *testing.T) {
	t.Parallel()
	p := newStill(t, 1, 0)
	board := operate.NewQueues(operate.QueuesOptions{Redis: p.redis, Store: p.store, Meter: p.meter, Slots: 1})
	p.order(t, 1)
	claims, err := p.store.Admit(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := p.store.Begin(t.Context(), store.Create, claims)
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	refused := store.Refused(runs[0], store.Failure{Code: "insufficient_credit"}, time.Minute, &store.Refusal{Kind: "402", Reason: "402", Account: true, Proof: store.ProofSend})
	if _, err := p.store.End(t.Context(), []store.End{refused}); err != nil {
		t.Fatal(err)
	}
	for _, act := range []func() (operate.Switched, error){
		func() (operate.Switched, error) { return board.Pause(t.Context(), jobs.CreateQueue) },
		func() (operate.Switched, error) { return board.Resume(t.Context(), jobs.CreateQueue) },
	} {
		if got, err := act(); err != nil || got.Admission.State != store.Stopped {
			t.Errorf("got %+v, %v; want a stop that stays", got, err)
		}
	}
}
