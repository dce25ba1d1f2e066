package operate

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/store"
)

// Rows are the rows that a task works on: all are of one kind.
type Rows struct {
	Kind store.JobKind
	IDs  []uuid.UUID // none, for a scheduled job
}

// ErrForeign says that a kind of task is none of heyq's.
var ErrForeign = errors.New("not a task of heyq's")

// RowsOf reads which rows a task works on. A scheduled job works on none. A
// task that belongs to rows is only their messenger: the rows say what became
// of the work, and the rows, not the task, are queued again (Jobs.RequeueRows).
// The error has ErrForeign in its chain, or ErrPayload.
func RowsOf(kind string, payload []byte) (Rows, error) {
	_, rows, err := readTask(kind, payload)
	return rows, err
}

// readTask returns the fields that heyq knows of a task, and its rows.
func readTask(kind string, payload []byte) (known any, rows Rows, err error) {
	switch read := messengers[kind]; {
	case read != nil:
		return read(payload)
	case slices.Contains(jobs.Kinds, kind):
		return jobs.Scheduled{}, Rows{}, nil
	}
	return nil, Rows{}, fmt.Errorf("%s: %w", kind, ErrForeign)
}

// messengers read the tasks that work on rows.
var messengers = map[string]func(payload []byte) (any, Rows, error){
	jobs.VideoCreate.Name:   messenger(jobs.VideoCreate, store.VideoJob),
	jobs.VideoPoll.Name:     messenger(jobs.VideoPoll, store.VideoJob),
	jobs.VideoDownload.Name: messenger(jobs.VideoDownload, store.VideoJob),
	jobs.VideoAnalyze.Name:  messenger(jobs.VideoAnalyze, store.AnalysisJob),
	jobs.NotifyDeliver.Name: messenger(jobs.NotifyDeliver, store.NotificationJob),
}

func messenger[A interface {
	Validate() error
	Rows() []uuid.UUID
}](kind jobs.Kind[A], of store.JobKind,
) func([]byte) (any, Rows, error) {
	return func(payload []byte) (any, Rows, error) {
		task, err := kind.Decode(payload)
		if err != nil {
			return nil, Rows{}, err
		}
		return task, Rows{of, task.Rows()}, nil
	}
}
