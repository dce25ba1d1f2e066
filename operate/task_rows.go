package operate

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/store"
)

// Rows are the rows that a task works on.
type Rows struct {
	Videos        []uuid.UUID
	Analyses      []uuid.UUID // of these videos
	Notifications []uuid.UUID
}

// Empty reports whether there are none.
func (r Rows) Empty() bool { return len(r.Videos)+len(r.Analyses)+len(r.Notifications) == 0 }

// ErrForeign says that a kind of task is none of heyq's.
var ErrForeign = errors.New("not a task of heyq's")

// RowsOf reads which rows a task works on. A scheduled job works on none. A
// task that belongs to rows is only their messenger: the rows say what became
// of the work, and the rows, not the task, are queued again (Jobs.RequeueRows).
// The error has ErrForeign in its chain, or ErrPayload.
func RowsOf(kind string, payload []byte) (Rows, error) {
	switch kind {
	case jobs.VideoCreate.Name, jobs.VideoPoll.Name, jobs.VideoDownload.Name:
		task, err := videoKinds[kind].Decode(payload)
		return Rows{Videos: store.IDs(task.Videos)}, err
	case jobs.VideoAnalyze.Name:
		task, err := jobs.VideoAnalyze.Decode(payload)
		return Rows{Analyses: store.IDs(task.Videos)}, err
	case jobs.NotifyDeliver.Name:
		task, err := jobs.NotifyDeliver.Decode(payload)
		ids := make([]uuid.UUID, len(task.Notifications))
		for i, c := range task.Notifications {
			ids[i] = c.Notification
		}
		return Rows{Notifications: ids}, err
	}
	if slices.Contains(jobs.Kinds, kind) {
		return Rows{}, nil
	}
	return Rows{}, fmt.Errorf("%s: %w", kind, ErrForeign)
}

var videoKinds = map[string]jobs.Kind[jobs.VideoTask]{
	jobs.VideoCreate.Name: jobs.VideoCreate, jobs.VideoPoll.Name: jobs.VideoPoll, jobs.VideoDownload.Name: jobs.VideoDownload,
}
