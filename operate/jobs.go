package operate

import (
	"context"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/store"
)

// Jobs shows operators the jobs, and does what they decide about them. It is
// safe for concurrent use.
//
// A job is a unit of work in a queue: a video's present or failed step (create,
// poll, download), the analysis of a completed video (analytics), a notification
// of a video's end (notify), or a task in asynq's archive that belongs to no row:
// one that heyq does not know or cannot read, or a scheduled job that failed. All
// others in that archive are only messengers of rows, and the rows tell of them.
type Jobs struct {
	store   jobsStore
	letters *letters
	wake    func()
	moved   func(uuid.UUID)
	files   func(ctx context.Context, prefix string) error
	price   float64
}

// jobsStore is what Jobs needs of the store.
type jobsStore interface {
	store.Jobs
	Video(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Video, error)
}

// JobsOptions are what a Jobs works on. Store is required.
type JobsOptions struct {
	Store          store.Store
	Redis          redis.UniversalClient // where asynq's archive is, which the caller closes; nil: nowhere
	Wake           func()                // called after each commit; nil: a dispatcher finds the rows by itself
	Moved          func(uuid.UUID)       // called for each video that was changed; nil: who follows it hears of it later
	PricePerSecond float64               // of video, in US dollars, for estimates

	// DeleteFiles removes what is published under a prefix. If it is nil or
	// fails, store:sweep removes that within a day or two.
	DeleteFiles func(ctx context.Context, prefix string) error
}

// NewJobs returns the jobs as operators see them.
func NewJobs(o JobsOptions) *Jobs {
	j := &Jobs{store: o.Store, letters: newLetters(o.Redis), wake: o.Wake, moved: o.Moved, files: o.DeleteFiles, price: o.PricePerSecond}
	if j.wake == nil {
		j.wake = func() {}
	}
	if j.moved == nil {
		j.moved = func(uuid.UUID) {}
	}
	if j.files == nil {
		j.files = func(context.Context, string) error { return nil }
	}
	return j
}

// RequeueRows queues those rows of a task again that have failed, and returns
// how many. None of them renders anew: what could be billed a second time stays
// as it is, and so does what has not failed.
func (j *Jobs) RequeueRows(ctx context.Context, rows Rows, by store.Actor) (int, error) {
	if len(rows.IDs) == 0 {
		return 0, nil
	}
	found, err := j.store.Jobs(ctx, store.JobFilter{Kind: rows.Kind, IDs: rows.IDs}, len(rows.IDs))
	if err != nil {
		return 0, err
	}
	done, err := j.store.Requeue(ctx, rows.Kind, free(found), by)
	if err != nil {
		return 0, err
	}
	if len(done) > 0 {
		j.wake()
	}
	return len(done), nil
}

// free picks the failed jobs that pay nothing a second time.
func free(list []store.Job) (picks []store.Pick) {
	for _, j := range list {
		if j.State == store.JobFailed && j.Way != "" && !j.Way.PaysAgain() {
			picks = append(picks, store.Pick{ID: j.ID, Way: j.Way})
		}
	}
	return picks
}
