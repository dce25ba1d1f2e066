package operate_test

import (
	"context"
	"errors"
	"testing"

	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
)

// Whatever the Redis is made of, the queues are seen, paused and resumed.
func TestQueues_real(t *testing.T) {
	t.Parallel()
	for name, start := range testkit.EveryRedis {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDispatched(t, 10, testkit.OpenRedis(t, start(t)))
			meter := operate.NewMeter(d.redis)
			board := operate.NewQueues(operate.QueuesOptions{Redis: d.redis, Store: d.db, Meter: meter, Slots: 10})
			d.create(t, 25)
			if err := d.Pass(t.Context()); err != nil {
				t.Fatal(err)
			}
			o := overview(t, board)
			if create := o.Lines[0]; o.SlotsHeld != 10 || create.Tasks.Pending == 0 || create.Stored.Waiting != 25 {
				t.Errorf("%d slots are held, create has %+v and %+v", o.SlotsHeld, create.Tasks, create.Stored)
			}
			for _, queue := range jobs.Queues {
				if s, err := board.Pause(t.Context(), queue); err != nil || !s.Line.Paused {
					t.Errorf("pause %s: %+v, %v", queue, s, err)
				}
			}
			if o := overview(t, board); o.SlotsHeld != 0 || o.Admission.Reason != store.QueueReason {
				t.Errorf("%d slots are held, admission is %+v", o.SlotsHeld, o.Admission)
			}
			for _, queue := range jobs.Queues {
				if s, err := board.Resume(t.Context(), queue); err != nil || s.Line.Paused {
					t.Errorf("resume %s: %+v, %v", queue, s, err)
				}
			}
			wantCounted(t, meter)
		})
	}
}

func overview(t *testing.T, board *operate.Queues) operate.Overview {
	t.Helper()
	o, err := board.Overview(t.Context())
	if err != nil || o.Redis != nil {
		t.Fatal(err, o.Redis)
	}
	return o
}

// wantCounted counts in each queue, which may be on a server of its own.
func wantCounted(t *testing.T, meter *operate.Meter) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- meter.Run(ctx) }()
	for i, queue := range jobs.Queues {
		meter.Done(queue, i+1)
	}
	testkit.Eventually(t, func() error {
		rates, err := meter.Rates(t.Context())
		for i, queue := range jobs.Queues {
			if err == nil && rates[queue] != i+1 {
				err = errors.New("not all is counted")
			}
		}
		return err
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
