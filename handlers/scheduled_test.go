package handlers

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"heyq/jobs"
	"heyq/store"
)

// chores is a store whose upkeep may fail.
type chores struct {
	*fakeStore
	err    error
	forgot time.Duration
}

func (c *chores) Rollup(context.Context) (int, error) { return 3, c.err }

func (c *chores) ForgetKeys(context.Context) (int, error) { return 3, c.err }

func (c *chores) watch(context.Context) error { return c.err }

func (c *chores) ForgetNotifications(_ context.Context, age time.Duration) (int, error) {
	c.forgot = age
	return 3, c.err
}

func (c *chores) ForgetActions(_ context.Context, age time.Duration) (int, error) {
	c.forgot = age
	return 3, c.err
}

// A job that is recorded as done is not caught up on: one that failed must not be.
func TestScheduled_jobs_record_what_came_of_them(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   jobs.Kind[jobs.Scheduled]
		result string
	}{
		{jobs.AnalyticsRollup, "wrote 3 daily totals"},
		{jobs.KeysForget, "forgot 3 idempotency keys"},
		{jobs.NotifyForget, "forgot 3 notifications"},
		{jobs.AuditForget, "forgot 3 actions"},
		{jobs.OpsWatch, ""},
	} {
		t.Run(c.kind.Name, func(t *testing.T) {
			t.Parallel()
			s := &chores{fakeStore: newFakeStore(), err: errAway}
			b := newBench(t, nil, func(o *Options) {
				o.Store, o.Watch, o.Retention = s, s.watch, Retention{Notifications: time.Hour, Audit: time.Hour}
			})
			task := asynq.NewTask(c.kind.Name, []byte(`{}`))
			err := b.ProcessTask(t.Context(), task)
			if again := c.kind.Retries > 0; again && !errors.Is(err, errAway) || !again && err != nil { // asynq would archive it
				t.Errorf("got %v", err)
			}
			s.err = nil
			if err := b.ProcessTask(t.Context(), task); err != nil {
				t.Error(err)
			}
			compare(t, "recorded", s.ran, []store.ScheduledEnd{
				{Name: c.kind.Name, Run: 7, Outcome: store.RunFailed, Result: c.result, Error: errAway.Error()},
				{Name: c.kind.Name, Run: 7, Outcome: store.RunSucceeded, Result: c.result},
			})
		})
	}
}

// A process that is told to stop is no failure of its job, and is written down
// though the job has no time left.
func TestScheduled_a_job_that_is_told_to_stop_is_interrupted(t *testing.T) {
	t.Parallel()
	s := &chores{fakeStore: newFakeStore()}
	b := newBench(t, nil, func(o *Options) { o.Store = s })
	ctx, stop := context.WithCancel(t.Context())
	run := b.scheduled(jobs.KeysForget, func(ctx context.Context) (string, error) {
		stop()
		return "forgot 1 idempotency key", ctx.Err()
	})
	if err := run(ctx, []byte(`{}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	compare(t, "recorded", s.ran, []store.ScheduledEnd{
		{Name: jobs.KeysForget.Name, Run: 7, Outcome: store.RunInterrupted, Result: "forgot 1 idempotency key"},
	})
}

func TestTally(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "", 1: "removed 1 video", 12: "removed 12 videos"} {
		if got := tally("removed", n, "video"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func (c *chores) ForgetTasks(context.Context) (int, error) { return 0, nil }
