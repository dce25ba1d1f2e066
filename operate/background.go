package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/semaphore"

	"heyq/internal/fault"
	"heyq/internal/logkey"
	"heyq/store"
)

const (
	// tasksAtOnce is how many tasks run in a process, and mostTasks how many more wait.
	tasksAtOnce = 4
	mostTasks   = 100
	// taskEnd is how long the end of a task is tried to be written, and taskEndPause
	// how long it is between two tries.
	taskEnd      = time.Minute
	taskEndPause = time.Second
)

// Background runs work that callers start, in this process, and tracks it in
// the store. It is safe for concurrent use.
type Background struct {
	store  store.Tasks
	log    zerolog.Logger
	places *semaphore.Weighted
	ended  *prometheus.CounterVec

	running context.Context // until Close
	stop    context.CancelCauseFunc
	all     sync.WaitGroup
	begun   atomic.Int32
}

// NewBackground returns the background work of a store.
func NewBackground(s store.Tasks, log zerolog.Logger) *Background {
	t := &Background{
		store: s, log: log, places: semaphore.NewWeighted(tasksAtOnce),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "heyq_tasks_ended_total", Help: "Work in the background that callers have started, by what came of it: succeeded, failed, or lost as its result could not be written.",
		}, []string{"kind", "outcome"}),
	}
	t.running, t.stop = context.WithCancelCause(context.Background())
	return t
}

// Collector is what is counted of them.
func (t *Background) Collector() prometheus.Collector { return t.ended }

var errStopped = fault.New(fault.Unavailable, "heyq was stopped before it was done").WithHint("start it again")

// Start starts work, and returns its task at once. What the work returns is the task's
// result, as JSON, or its error. The work goes on when ctx has ended, and is cancelled by
// Close. If its process dies the task is told as failed after its lease.
func (t *Background) Start(ctx context.Context, task store.Task, work func(context.Context) (any, error)) (store.Task, error) {
	if t.begun.Add(1) > tasksAtOnce+mostTasks {
		t.begun.Add(-1)
		return store.Task{}, fault.New(fault.Unavailable, "%d tasks wait already", mostTasks).WithHint("start it again in a moment")
	}
	id, err := uuid.NewV7()
	if err == nil {
		task.ID = id
		task, err = t.store.StartTask(ctx, task)
	}
	if err != nil {
		t.begun.Add(-1)
		return store.Task{}, err
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	release := context.AfterFunc(t.running, func() { cancel(context.Cause(t.running)) })
	t.all.Go(func() {
		defer t.begun.Add(-1)
		defer release()
		defer cancel(nil)
		renewals, stop := context.WithCancel(context.WithoutCancel(ctx))
		var renewing sync.WaitGroup
		renewing.Go(func() { t.renew(renewals, task) })
		result, err := t.run(ctx, task, work)
		t.end(ctx, task, result, err)
		stop()
		renewing.Wait()
	})
	return task, nil
}

// run waits for a place, and does the work.
func (t *Background) run(ctx context.Context, task store.Task, work func(context.Context) (any, error)) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			t.line(t.log.Error(), task).Bytes(logkey.Stack, debug.Stack()).Msgf("panic: %v", p)
			result, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	if t.places.Acquire(ctx, 1) != nil {
		return nil, context.Cause(ctx)
	}
	defer t.places.Release(1)
	if ctx.Err() != nil { // a place became free by the end of another
		return nil, context.Cause(ctx)
	}
	result, err = work(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return result, err
}

// renew keeps the lease until ctx ends.
func (t *Background) renew(ctx context.Context, task store.Task) {
	ticker := time.NewTicker(store.TaskLease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := t.store.RenewTask(ctx, task.ID); err != nil && ctx.Err() == nil {
			t.line(t.log.Warn(), task).Err(err).Msg("the lease of a task could not be renewed; it may be told as failed though it runs")
		}
	}
}

// end writes what came of a task, and tries for a while.
func (t *Background) end(ctx context.Context, task store.Task, result any, err error) {
	failure := taskFailure(task, err)
	var encoded json.RawMessage
	if failure == "" {
		if encoded, err = json.Marshal(result); err != nil {
			failure = taskFailure(task, err)
		}
	}
	outcome := store.TaskSucceeded
	if failure != "" {
		outcome = store.TaskFailed
		t.line(t.log.Info(), task).Err(err).Msg("a task has failed")
	}
	tries, cancel := context.WithTimeout(context.WithoutCancel(ctx), taskEnd)
	defer cancel()
	for {
		lost := t.store.EndTask(tries, task.ID, encoded, failure)
		if lost == nil {
			t.ended.WithLabelValues(task.Kind, string(outcome)).Inc()
			return
		}
		select {
		case <-time.After(taskEndPause):
			if tries.Err() == nil && t.running.Err() == nil {
				continue
			}
		case <-tries.Done():
		}
		t.line(t.log.Error(), task).Err(lost).Msg("what came of a task could not be written; it is told as failed")
		t.ended.WithLabelValues(task.Kind, "lost").Inc()
		return
	}
}

// taskFailure is what is told of an error; empty: there is none. What is no fault stays in
// the log.
func taskFailure(task store.Task, err error) string {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Error()
	}
	return "heyq failed; its log names the cause beside request id " + task.By.RequestID
}

func (t *Background) line(e *zerolog.Event, task store.Task) *zerolog.Event {
	return e.Str(logkey.Kind, task.Kind).Str(logkey.Request, task.By.RequestID)
}

// Get returns one task of a viewer's, or a fault.NotFound.
func (t *Background) Get(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Task, error) {
	return t.store.Task(ctx, w, id)
}

// List lists a viewer's tasks, newest first, store.MostTasks at most.
func (t *Background) List(ctx context.Context, w store.Viewer) ([]store.Task, error) {
	return t.store.Tasks(ctx, w)
}

// Close cancels what runs, and returns when that has said so, or at the end of ctx.
func (t *Background) Close(ctx context.Context) {
	t.stop(errStopped)
	done := make(chan struct{})
	go func() { t.all.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		t.log.Warn().Msg("not every task could be ended in time; those that were not are told as failed")
	}
}
