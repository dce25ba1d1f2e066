package operate

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"heyq/internal/fault"
	"heyq/store"
)

// DeadLetters runs tasks again that wait, or lie in asynq's archive. Callers name them by
// asynq's ids. If an archived task belongs to rows, those rows that have failed are
// queued again, as fresh tasks with fresh attempts, and the archived task is removed. If it
// belongs to none, it is itself run again as a fresh task. It is safe for concurrent use.
type DeadLetters struct {
	inspector *asynq.Inspector
	jobs      *Jobs
}

// NewDeadLetters returns them on a Redis client that the caller closes. j are the
// jobs on the same Redis; without them, tasks that belong to rows are refused.
func NewDeadLetters(r redis.UniversalClient, j *Jobs) *DeadLetters {
	return &DeadLetters{asynq.NewInspectorFromRedisClient(r), j}
}

// Run has one task run again. A fault.NotFound says that there is none of that
// name; a fault.Conflict, that none of its rows can be queued again without
// paying for a render a second time: they are delivered, say, or at work. Such a
// task stays where it is.
func (d *DeadLetters) Run(ctx context.Context, queue, id string, by store.Actor) error {
	task, err := asked(ctx, func() (*asynq.TaskInfo, error) { return d.inspector.GetTaskInfo(queue, id) })
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return fault.New(fault.NotFound, "there is no task %.200q in the queue %.80q any more", id, queue)
	}
	if err != nil {
		return fmt.Errorf("look for the task: %w", err)
	}
	j, foreign := rowless(task)
	switch archived := task.State == asynq.TaskStateArchived; {
	case archived && !foreign:
		return d.requeue(ctx, task, by)
	case archived && d.jobs != nil:
		return d.jobs.rerun(ctx, []Job{j}, map[JobID]JobOutcome{}, by)
	}
	if err := d.inspector.RunTask(queue, id); err != nil {
		return fmt.Errorf("run the task: %w", err)
	}
	return nil
}

// requeue queues the rows again that an archived task tells of.
func (d *DeadLetters) requeue(ctx context.Context, task *asynq.TaskInfo, by store.Actor) error {
	if d.jobs == nil {
		return fault.New(fault.Unavailable, "this task only tells of rows, and there is no database here to queue them again in").
			WithHint("set DATABASE_URL, or requeue its videos elsewhere")
	}
	rows, err := RowsOf(task.Type, task.Payload)
	if err != nil {
		return err
	}
	requeued, err := d.jobs.RequeueRows(ctx, rows, by)
	if err != nil {
		return fmt.Errorf("queue the rows of the task again: %w", err)
	}
	if requeued == 0 {
		return fault.New(fault.Conflict, "nothing of this task can be queued again without paying twice").
			WithHint("its videos are delivered, at work or wait for a decision; the list of jobs says which, and what a new render costs")
	}
	// The rows are queued. A messenger that stays finds nothing to do next time.
	_ = d.inspector.DeleteTask(task.Queue, task.ID)
	return nil
}

// RunArchived has every task of a queue's archive run again, and returns how
// many it could. What Run refuses stays where it is.
func (d *DeadLetters) RunArchived(ctx context.Context, queue string, by store.Actor) (int, error) {
	ids, err := d.archived(ctx, queue)
	if err != nil {
		return 0, err
	}
	var ran atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, id := range ids {
		group.Go(func() error {
			err := d.Run(ctx, queue, id, by)
			switch code := fault.CodeOf(err); {
			case err == nil:
				ran.Add(1)
			case code == fault.Conflict || code == fault.NotFound:
				return nil
			}
			return err
		})
	}
	err = group.Wait()
	return int(ran.Load()), err
}

// archived lists what is in the archive, of which asynq keeps 10,000 tasks.
func (d *DeadLetters) archived(ctx context.Context, queue string) (ids []string, err error) {
	for page := 1; ; page++ {
		tasks, err := asked(ctx, func() ([]*asynq.TaskInfo, error) {
			return d.inspector.ListArchivedTasks(queue, asynq.PageSize(letterPage), asynq.Page(page))
		})
		if errors.Is(err, asynq.ErrQueueNotFound) {
			return nil, fault.New(fault.NotFound, "there is no queue %.80q", queue)
		}
		if err != nil {
			return nil, fmt.Errorf("list the archive: %w", err)
		}
		for _, t := range tasks {
			ids = append(ids, t.ID)
		}
		if len(tasks) < letterPage {
			return ids, nil
		}
	}
}
