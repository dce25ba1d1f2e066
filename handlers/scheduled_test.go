package handlers

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"heyq/jobs"
)

// chores is a store whose upkeep may fail.
type chores struct {
	*fakeStore
	err    error
	forgot time.Duration
}

func (c *chores) Rollup(context.Context) (int, error) { return 3, c.err }

func (c *chores) ForgetKeys(_ context.Context, age time.Duration) (int, error) {
	c.forgot = age
	return 3, c.err
}

func (c *chores) look(context.Context) error { return c.err }

func (c *chores) ForgetNotifications(_ context.Context, age time.Duration) (int, error) {
	c.forgot = age
	return 3, c.err
}

// A job that is recorded as done is not caught up on: one that failed must not be.
func TestScheduled_jobs_record_only_what_they_finished(t *testing.T) {
	t.Parallel()
	for _, kind := range []jobs.Kind[jobs.Scheduled]{jobs.AnalyticsRollup, jobs.KeysForget, jobs.NotifyForget, jobs.OpsWatch} {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			s := &chores{fakeStore: newFakeStore(), err: errAway}
			b := newBench(t, nil, func(o *Options) { o.Store, o.Look = s, s.look })
			task := asynq.NewTask(kind.Name, []byte(`{}`))
			if err := b.ProcessTask(t.Context(), task); !errors.Is(err, errAway) || len(s.ran) != 0 {
				t.Errorf("got %v, recorded %v", err, s.ran)
			}
			s.err = nil
			if err := b.ProcessTask(t.Context(), task); err != nil {
				t.Error(err)
			}
			compare(t, "recorded", s.ran, []string{kind.Name})
			if kind.Name == jobs.KeysForget.Name && s.forgot < 24*time.Hour {
				t.Errorf("keys are forgotten after %s, and promised for a day", s.forgot)
			}
		})
	}
}
