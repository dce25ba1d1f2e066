package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"heyq/dispatch"
	"heyq/internal/fault"
	"heyq/internal/suggest"
	"heyq/jobs"
	"heyq/store"
)

// Schedule shows the scheduled jobs, and runs them out of turn. It is safe for
// concurrent use.
type Schedule struct {
	client    *asynq.Client
	inspector *asynq.Inspector
	store     interface {
		ScheduledRuns(ctx context.Context) ([]store.ScheduledRun, error)
	}
}

// NewSchedule returns the schedule on a Redis client that the caller closes.
func NewSchedule(r redis.UniversalClient, s store.Upkeep) *Schedule {
	return &Schedule{asynq.NewClientFromRedisClient(r), asynq.NewInspectorFromRedisClient(r), s}
}

// SchedulerState says whether a process enqueues the scheduled jobs.
type SchedulerState string

// The states of the scheduler.
const (
	SchedulerRunning SchedulerState = "running"
	SchedulerAbsent  SchedulerState = "absent"  // no process schedules: nothing runs by itself
	SchedulerUnknown SchedulerState = "unknown" // Redis does not answer
)

// ScheduledState says what a scheduled job does at this moment.
type ScheduledState string

// The states of a scheduled job.
const (
	ScheduledIdle    ScheduledState = "idle"
	ScheduledWaiting ScheduledState = "waiting" // in the queue, for a worker or for its next try
	ScheduledRunning ScheduledState = "running"
)

// ScheduledJob is a row of the schedule.
type ScheduledJob struct {
	Name   string
	Every  time.Duration
	State  ScheduledState
	NextAt time.Time           // zero: no process schedules, or Redis does not say
	Last   *store.ScheduledRun // nil: it has never begun
}

// List returns every scheduled job in the order of Schedule. A Redis that does
// not answer costs what only Redis knows: who waits, and the next runs.
func (t *Schedule) List(ctx context.Context) ([]ScheduledJob, SchedulerState, error) {
	runs, err := t.store.ScheduledRuns(ctx)
	if err != nil {
		return nil, "", err
	}
	next, queued, err := t.ask()
	scheduler := SchedulerRunning
	switch {
	case err != nil:
		scheduler = SchedulerUnknown
	case len(next) == 0:
		scheduler = SchedulerAbsent
	}
	list := make([]ScheduledJob, len(jobs.Schedule))
	for i, entry := range jobs.Schedule {
		j := ScheduledJob{Name: entry.Kind.Name, Every: entry.Every, State: ScheduledIdle, NextAt: next[entry.Kind.Name]}
		at := slices.IndexFunc(runs, func(r store.ScheduledRun) bool { return r.Name == j.Name })
		if at >= 0 {
			j.Last = lastRun(entry, runs[at])
		}
		switch {
		case j.Last != nil && j.Last.Outcome == store.RunRunning:
			j.State = ScheduledRunning
		case queued[j.Name] != nil:
			j.State = ScheduledWaiting
		}
		list[i] = j
	}
	return list, scheduler, nil
}

// lastRun takes a run that goes on for longer than it may for one whose process
// died.
func lastRun(e jobs.Entry, r store.ScheduledRun) *store.ScheduledRun {
	if r.Outcome == store.RunRunning && r.Duration > e.Kind.Timeout {
		r.Outcome, r.Duration = store.RunInterrupted, 0
	}
	return &r
}

// ask asks Redis when the jobs run next, and which of them wait or run.
func (t *Schedule) ask() (next map[string]time.Time, queued map[string]*asynq.TaskInfo, err error) {
	entries, err := t.inspector.SchedulerEntries()
	if err != nil {
		return nil, nil, fmt.Errorf("read the schedule: %w", err)
	}
	next = map[string]time.Time{}
	for _, e := range entries {
		// While a leader takes over, the one before it is still on record.
		if at, known := next[e.Task.Type()]; !known || e.Next.Before(at) {
			next[e.Task.Type()] = e.Next.UTC()
		}
	}
	queued, err = t.queued()
	return next, queued, err
}

// queued are the tasks of scheduled jobs that are still to come to their end,
// by kind.
func (t *Schedule) queued() (map[string]*asynq.TaskInfo, error) {
	tasks := map[string]*asynq.TaskInfo{}
	for _, list := range []func(string, ...asynq.ListOption) ([]*asynq.TaskInfo, error){
		t.inspector.ListActiveTasks, t.inspector.ListRetryTasks, t.inspector.ListPendingTasks,
	} {
		for _, queue := range []jobs.Queue{jobs.MaintenanceQueue, jobs.WatchQueue} {
			found, err := list(string(queue), asynq.PageSize(1000))
			if errors.Is(err, asynq.ErrQueueNotFound) {
				continue // nothing was ever enqueued
			}
			if err != nil {
				return nil, fmt.Errorf("list what waits: %w", err)
			}
			for _, task := range found {
				if tasks[task.Type] == nil {
					tasks[task.Type] = task
				}
			}
		}
	}
	return tasks, nil
}

// Run enqueues a job at once, though its tick has not come. A fault.NotFound:
// there is no such job. A fault.Conflict: it runs, or waits for a worker. One
// that waits for its next try, because the last one failed, is tried now. runs is
// the number of the run before: a greater one is this run, or began after it.
func (t *Schedule) Run(ctx context.Context, name string) (runs int64, err error) {
	at := slices.IndexFunc(jobs.Schedule, func(e jobs.Entry) bool { return e.Kind.Name == name })
	if at < 0 {
		return 0, errNoScheduledJob(name)
	}
	queued, err := t.queued()
	if err != nil {
		return 0, errNoQueue(err)
	}
	runs, err = t.runs(ctx, name) // after it, or a run that has ended meanwhile would count as this one
	if err != nil {
		return 0, err
	}
	if task := queued[name]; task != nil {
		return runs, t.hurry(task)
	}
	return runs, t.enqueue(ctx, jobs.Schedule[at])
}

// runs is the number of a job's last run; 0: it has never begun.
func (t *Schedule) runs(ctx context.Context, name string) (int64, error) {
	list, err := t.store.ScheduledRuns(ctx)
	for _, r := range list {
		if r.Name == name {
			return r.Run, err
		}
	}
	return 0, err
}

func (t *Schedule) enqueue(ctx context.Context, entry jobs.Entry) error {
	name := entry.Kind.Name
	task, err := dispatch.NewTask(entry.Kind, jobs.Scheduled{}, asynq.TaskID("now:"+name))
	if err != nil {
		return err
	}
	_, err = t.client.EnqueueContext(ctx, task)
	if errors.Is(err, asynq.ErrTaskIDConflict) { // there is one with this name: at work since now, or in the archive
		if err := t.inspector.DeleteTask(string(entry.Kind.Queue), "now:"+name); err != nil {
			return errAtWork(name)
		}
		_, err = t.client.EnqueueContext(ctx, task)
	}
	switch {
	case errors.Is(err, asynq.ErrTaskIDConflict):
		return errAtWork(name)
	case err != nil:
		return errNoQueue(err)
	}
	return nil
}

// hurry makes a job that waits for its next try run now.
func (t *Schedule) hurry(task *asynq.TaskInfo) error {
	switch {
	case task.State == asynq.TaskStateActive:
		return errAtWork(task.Type)
	case task.State == asynq.TaskStateRetry && t.inspector.RunTask(task.Queue, task.ID) == nil:
		return nil
	}
	return fault.New(fault.Conflict, "%s waits for a worker already", task.Type).
		WithHint("it runs as soon as one is free; if there is none, start one")
}

func errNoScheduledJob(name string) error {
	return fault.New(fault.NotFound, "there is no scheduled job %q", name).
		WithAdvice(fault.NameScheduledJob, suggest.Nearest(name, jobs.ScheduledNames()))
}

func errAtWork(name string) error {
	return fault.New(fault.Conflict, "%s runs already", name).WithAdvice(fault.ListSchedule, "")
}

func errNoQueue(err error) error {
	return fault.Wrap(err, fault.Unavailable, "Redis did not take the job").WithHint("try again in a moment")
}
