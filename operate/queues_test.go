package operate

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
)

// gate is a store of which only admission and the backlog work.
type gate struct {
	store.Store
	backlog   store.Backlog
	admission store.Admission
	away      error
}

func (g *gate) Backlog(context.Context) (store.Backlog, error) { return g.backlog, g.away }

func (g *gate) Admission(context.Context) (store.Admission, error) { return g.admission, g.away }

func (g *gate) CloseAdmission(_ context.Context, reason string) (store.Admission, error) {
	if g.away == nil && g.admission.State == store.Open {
		g.admission = store.Admission{State: store.Paused, Reason: reason}
	}
	return g.admission, g.away
}

func (g *gate) ReopenAdmission(_ context.Context, reason string) (store.Admission, error) {
	if g.away == nil && g.admission == (store.Admission{State: store.Paused, Reason: reason}) {
		g.admission = store.Admission{State: store.Open}
	}
	return g.admission, g.away
}

// switched is the queues between such a store and a miniredis.
type switched struct {
	*Queues
	bench *bench
	gate  *gate
}

func newSwitched(t *testing.T) *switched {
	t.Helper()
	b := newBench(t)
	g := &gate{admission: store.Admission{State: store.Open}}
	return &switched{
		NewQueues(QueuesOptions{Redis: b.redis, Store: g, Meter: NewMeter(b.redis), Slots: 10}), b, g,
	}
}

func (s *switched) line(t *testing.T, queue jobs.Queue) Line {
	t.Helper()
	o, err := s.Overview(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range o.Lines {
		if line.Queue == queue {
			return line
		}
	}
	t.Fatalf("no line of %s", queue)
	return Line{}
}

func TestQueues_shows_what_Redis_and_the_store_have(t *testing.T) {
	t.Parallel()
	s := newSwitched(t)
	s.gate.backlog = store.Backlog{
		Slots:     7,
		Admission: store.Load{Jobs: 90, Oldest: time.Hour},
		Queues: store.Loads(map[store.Queue]store.Load{
			store.CreateQueue: {Jobs: 3, Running: 1, Oldest: time.Minute},
			store.PollQueue:   {Jobs: 6, Overdue: 2, Lag: 3 * time.Second},
		}),
	}
	s.bench.send(t, store.Poll, 150)
	s.meter.Done(jobs.PollQueue, 12)
	if err := s.meter.handIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	o, err := s.Overview(t.Context())
	if err != nil || o.Redis != nil {
		t.Fatal(err, o.Redis)
	}
	compare(t, "overview", o, Overview{
		Admission: store.Admission{State: store.Open}, SlotsHeld: 7, Slots: 10,
		Lines: []Line{
			{Queue: jobs.CreateQueue, Tasks: &Tasks{}, Stored: &Stored{Waiting: 92, Running: 1, Oldest: time.Hour}},
			{Queue: jobs.PollQueue, Tasks: &Tasks{Pending: 2}, Rate: 12, Stored: &Stored{Waiting: 6, Overdue: 2, Lag: 3 * time.Second}},
			{Queue: jobs.DownloadQueue, Tasks: &Tasks{}, Stored: &Stored{}},
			{Queue: jobs.AnalyticsQueue, Tasks: &Tasks{}, Stored: &Stored{}},
			{Queue: jobs.NotifyQueue, Tasks: &Tasks{}, Stored: &Stored{}},
			{Queue: jobs.MaintenanceQueue, Tasks: &Tasks{}},
			{Queue: jobs.WatchQueue, Tasks: &Tasks{}},
		},
	})
}

// In a Redis that has never seen a queue, asynq's inspector knows none.
func TestQueues_pauses_what_is_not_there_yet(t *testing.T) {
	t.Parallel()
	s := newSwitched(t)
	for _, queue := range jobs.Queues {
		for _, paused := range []bool{true, true, false, false} { // asking twice is harmless
			act := s.Resume
			if paused {
				act = s.Pause
			}
			got, err := act(t.Context(), queue)
			if err != nil || got.Line.Queue != queue || got.Line.Paused != paused || got.Message == "" {
				t.Errorf("%s, paused %v: %+v, %v", queue, paused, got, err)
			}
		}
	}
	_, err := s.Pause(t.Context(), "creates")
	if fault.CodeOf(err) != fault.NotFound || !strings.Contains(err.Error(), "create poll download") {
		t.Errorf("of a queue that does not exist: %v", err)
	}
}

func TestQueues_opens_only_what_it_has_closed(t *testing.T) {
	t.Parallel()
	ours := store.Admission{State: store.Paused, Reason: store.QueueReason}
	for name, c := range map[string]struct {
		before, during, after store.Admission
		says                  string
	}{
		"open":    {store.Admission{State: store.Open}, ours, store.Admission{State: store.Open}, "admission is open"},
		"stopped": {store.Admission{State: store.Stopped, Reason: "402"}, store.Admission{State: store.Stopped, Reason: "402"}, store.Admission{State: store.Stopped, Reason: "402"}, "stays stopped (402)"},
		"paused":  {pausedByOperator, pausedByOperator, pausedByOperator, "stays paused (operator)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSwitched(t)
			s.gate.admission = c.before
			paused, err := s.Pause(t.Context(), jobs.CreateQueue)
			if diff := cmp.Diff(c.during, paused.Admission); diff != "" || err != nil || !paused.Line.Paused {
				t.Errorf("paused: %v\n%s", err, diff)
			}
			resumed, err := s.Resume(t.Context(), jobs.CreateQueue)
			if diff := cmp.Diff(c.after, resumed.Admission); diff != "" || err != nil || resumed.Line.Paused {
				t.Errorf("resumed: %v\n%s", err, diff)
			}
			if !strings.Contains(resumed.Message, c.says) {
				t.Errorf("it says %q, want %q", resumed.Message, c.says)
			}
		})
	}
}

var pausedByOperator = store.Admission{State: store.Paused, Reason: store.OperatorReason}

// What is away is told, with what was done all the same.
func TestQueues_says_what_was_not_done(t *testing.T) {
	t.Parallel()
	away := fault.New(fault.Unavailable, "the database did not answer")
	for _, c := range []struct {
		redis, store bool // they answer
		queue        jobs.Queue
		resume       bool
		says         string
		after        store.AdmissionState
	}{
		{false, true, jobs.CreateQueue, false, "admission is closed, so nothing new is sent to HeyGen; the queue create itself could not be paused", store.Paused},
		{true, false, jobs.CreateQueue, false, "the queue create is paused, but admission could not be closed", store.Open},
		{false, false, jobs.CreateQueue, false, "nothing was paused", store.Open},
		{false, true, jobs.PollQueue, false, "the queue poll could not be paused", store.Open},
		{false, true, jobs.CreateQueue, true, "could not be resumed, and nothing was changed", store.Open},
		{true, false, jobs.CreateQueue, true, "the queue create is resumed, but admission could not be opened", store.Open},
		{true, false, jobs.PollQueue, true, "poll is resumed; how it stands now cannot be seen", store.Open},
	} {
		s := newSwitched(t)
		if !c.redis {
			s.bench.mini.SetError("LOADING away")
		}
		if !c.store {
			s.gate.away = away
		}
		act := s.Pause
		if c.resume {
			act = s.Resume
		}
		_, err := act(t.Context(), c.queue)
		if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want %s", err, c.says)
		}
		if s.gate.admission.State != c.after {
			t.Errorf("%s: admission is %s, want %s", c.says, s.gate.admission.State, c.after)
		}
	}
}

// While Redis is away, or has forgotten that create is paused, the store's part
// is shown.
func TestQueues_without_Redis(t *testing.T) {
	t.Parallel()
	s := newSwitched(t)
	if _, err := s.Pause(t.Context(), jobs.CreateQueue); err != nil {
		t.Fatal(err)
	}
	s.gate.backlog.Admission.Jobs = 4
	s.bench.mini.SetError("LOADING away")
	o, err := s.Overview(t.Context())
	if err != nil || o.Redis == nil || o.Admission.Reason != store.QueueReason {
		t.Fatalf("got %+v, %v", o, err)
	}
	if line := o.Lines[0]; !line.Paused || line.Tasks != nil || line.Stored.Waiting != 4 {
		t.Errorf("create is %+v", line)
	}
	s.bench.mini.SetError("")
	s.bench.mini.FlushAll()
	if !s.line(t, jobs.CreateQueue).Paused {
		t.Error("a Redis that was emptied resumed create")
	}
	s.gate.away = errors.New("away")
	if _, err := s.Overview(t.Context()); err == nil {
		t.Error("there is an overview without the store")
	}
}
