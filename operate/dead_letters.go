package operate

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"heyq/internal/fault"
)

// letters are the dead letters: of the tasks that asynq has given up, those that
// belong to no row. A nil letters has none.
type letters struct {
	inspector *asynq.Inspector
	client    *asynq.Client
}

// letterPatience is how long Redis may take to tell what is in asynq's archive, a
// page of it. asynq itself would ask again for a long time.
const (
	letterPatience = 5 * time.Second
	letterPage     = 1000
)

func newLetters(r redis.UniversalClient) *letters {
	if r == nil {
		return nil
	}
	return &letters{asynq.NewInspectorFromRedisClient(r), asynq.NewClientFromRedisClient(r)}
}

// taskFilter narrows a listing of archived tasks. What is empty lets everything
// through.
type taskFilter struct {
	queue, kind, code string
	since, before     time.Time
}

func (f taskFilter) lets(j Job) bool {
	return (f.kind == "" || f.kind == j.Kind) && (f.code == "" || f.code == j.Failure.Code) &&
		!j.At.Before(f.since) && (f.before.IsZero() || j.At.Before(f.before))
}

// jobs lists the tasks that belong to no row, in no order. A Redis that does not
// answer is a fault.Unavailable.
func (l *letters) jobs(ctx context.Context, f taskFilter) (list []Job, err error) {
	if l == nil {
		return nil, nil
	}
	queues := []string{f.queue}
	if f.queue == "" {
		if queues, err = asked(ctx, l.inspector.Queues); err != nil {
			return nil, err
		}
	}
	for _, queue := range queues {
		for page := 1; ; page++ {
			tasks, err := asked(ctx, func() ([]*asynq.TaskInfo, error) {
				return l.inspector.ListArchivedTasks(queue, asynq.PageSize(letterPage), asynq.Page(page))
			})
			if errors.Is(err, asynq.ErrQueueNotFound) || err == nil && len(tasks) == 0 {
				break
			}
			if err != nil {
				return nil, err
			}
			for _, info := range tasks {
				if j, ok := rowless(info); ok && f.lets(j) {
					list = append(list, j)
				}
			}
		}
	}
	return list, nil
}

// rowless makes a job of a task, unless rows tell of it.
func rowless(info *asynq.TaskInfo) (j Job, ok bool) {
	rows, err := RowsOf(info.Type, info.Payload)
	switch {
	case errors.Is(err, ErrForeign):
		return jobOfTask(info, UnknownKind), true
	case err != nil:
		return jobOfTask(info, BrokenTask), true
	default:
		return jobOfTask(info, FailedTask), len(rows.IDs) == 0
	}
}

// job returns one task's. A task that is not in the archive, or belongs to
// rows, is a fault.NotFound.
func (l *letters) job(ctx context.Context, id JobID) (Job, *asynq.TaskInfo, error) {
	if l == nil {
		return Job{}, nil, ErrNoJob(id.String())
	}
	info, err := asked(ctx, func() (*asynq.TaskInfo, error) { return l.inspector.GetTaskInfo(id.Queue, id.Task) })
	switch {
	case errors.Is(err, asynq.ErrQueueNotFound), errors.Is(err, asynq.ErrTaskNotFound),
		err == nil && info.State != asynq.TaskStateArchived:
		return Job{}, nil, ErrNoJob(id.String())
	case err != nil:
		return Job{}, nil, err
	}
	j, ok := rowless(info)
	if !ok {
		return j, nil, fault.New(fault.NotFound, "there is no job %s: that task only tells of videos, which are requeued themselves", id).
			WithAdvice(fault.ListJobs, "")
	}
	return j, info, nil
}

// queues lists the queues that Redis knows, those of strangers as well.
func (l *letters) queues(ctx context.Context) []string {
	if l == nil {
		return nil
	}
	list, err := asked(ctx, l.inspector.Queues)
	if err != nil {
		return nil // then nothing of them can be listed either
	}
	return list
}

// has reports whether tasks of a kind are in the archive.
func (l *letters) has(ctx context.Context, kind string) bool {
	list, err := l.jobs(ctx, taskFilter{kind: kind})
	return err == nil && len(list) > 0
}

// rerun makes a fresh task of an archived one, with attempts of its own, and
// returns its id. A crash in between leaves both; the id follows from the old
// one, so that doing it once more does not run it twice.
func (l *letters) rerun(ctx context.Context, id JobID) (fresh string, err error) {
	_, info, err := l.job(ctx, id)
	if err != nil {
		return "", err
	}
	fresh = nextRun(info.ID)
	task := asynq.NewTaskWithHeaders(info.Type, info.Payload, info.Headers, asynq.Queue(info.Queue), asynq.TaskID(fresh),
		asynq.MaxRetry(info.MaxRetry), asynq.Timeout(info.Timeout), asynq.Retention(info.Retention))
	_, err = asked(ctx, func() (*asynq.TaskInfo, error) { return l.client.EnqueueContext(ctx, task) })
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return "", err
	}
	return fresh, l.delete(ctx, id)
}

var run = regexp.MustCompile(`#(\d{1,9})$`)

// nextRun names the run after this one: x, x#2, x#3.
func nextRun(id string) string {
	at := run.FindStringSubmatchIndex(id)
	if at == nil {
		return id + "#2"
	}
	n, _ := strconv.Atoi(id[at[2]:at[3]])
	return fmt.Sprintf("%s#%d", id[:at[0]], n+1)
}

// delete forgets an archived task. One that is gone already is deleted.
func (l *letters) delete(ctx context.Context, id JobID) error {
	_, err := asked(ctx, func() (struct{}, error) { return struct{}{}, l.inspector.DeleteTask(id.Queue, id.Task) })
	if errors.Is(err, asynq.ErrQueueNotFound) || errors.Is(err, asynq.ErrTaskNotFound) {
		return nil
	}
	return err
}

// asked waits for what asynq answers, no longer than its patience.
func asked[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, letterPatience)
	defer cancel()
	value, err := within(ctx, ask)
	for _, told := range []error{nil, asynq.ErrQueueNotFound, asynq.ErrTaskNotFound, asynq.ErrTaskIDConflict} {
		if errors.Is(err, told) {
			return value, err
		}
	}
	return value, fault.Wrap(err, fault.Unavailable, "Redis did not answer").
		WithHint("the rows in the store are not touched by that; try again in a moment")
}
