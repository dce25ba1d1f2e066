package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// Task is work in the background that a caller has started.
type Task struct {
	ID        uuid.UUID
	UserID    string // whose it is
	By        Actor  // who started it
	Kind      string // the operation
	About     string // what it is done to, such as a video's id
	Status    TaskStatus
	Result    json.RawMessage // nil: it has none, or none yet
	Error     string          // why it failed; empty unless it did
	StartedAt time.Time
	EndedAt   time.Time // zero: it has not
}

// TaskStatus is where a task stands.
type TaskStatus string

// The statuses.
const (
	TaskStarted   TaskStatus = "started"
	TaskSucceeded TaskStatus = "succeeded"
	TaskFailed    TaskStatus = "failed"
)

const (
	// TaskLease is how long a task whose process says nothing counts as started. After
	// that it is told as failed.
	TaskLease = 30 * time.Second
	// TaskLife is how long tasks are kept.
	TaskLife = 7 * 24 * time.Hour
	// MostTasks is how many tasks are listed.
	MostTasks = 100
)

// TaskLost is the error of a task whose process has died.
const TaskLost = "the process that ran it has ended without a result; start it again"

// Tasks is work in the background that callers start.
type Tasks interface {
	// StartTask inserts a task, with a lease of TaskLease.
	StartTask(ctx context.Context, t Task) (Task, error)
	// RenewTask begins the lease of a task anew. It does nothing to one that has ended.
	RenewTask(ctx context.Context, id uuid.UUID) error
	// EndTask writes what came of a task: the result, or the error if that is not empty.
	// It does nothing to one that has ended.
	EndTask(ctx context.Context, id uuid.UUID, result json.RawMessage, failure string) error
	// Task returns one task of a viewer's, or a fault.NotFound.
	Task(ctx context.Context, w Viewer, id uuid.UUID) (Task, error)
	// Tasks lists a viewer's tasks, newest first, MostTasks at most.
	Tasks(ctx context.Context, w Viewer) ([]Task, error)
	// ForgetTasks drops those that were started longer than TaskLife ago and do not run.
	ForgetTasks(ctx context.Context) (int, error)
}

// ErrNoTask says that there is no such task.
func ErrNoTask(id uuid.UUID) error {
	return fault.New(fault.NotFound, "there is no task %s", id).WithAdvice(fault.ListTasks, "")
}
