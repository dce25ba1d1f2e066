package operate

import (
	"context"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// JobDetails is all that is known of one job.
type JobDetails struct {
	Job
	Facts   *store.Video   // nil: it belongs to none
	Actions []store.Action // what was done to it, newest first
	Bill    Bill           // what its way on would be paid
}

// shownActions is how many actions on a job are shown at most, the newest
// first.
const shownActions = 20

// Show returns one job, in whatever state, or a fault.NotFound.
func (j *Jobs) Show(ctx context.Context, text string) (d JobDetails, err error) {
	id, err := ParseJobID(text)
	if err != nil {
		return d, err
	}
	if d.Job, err = j.job(ctx, id); err != nil {
		return d, err
	}
	if d.Video != uuid.Nil {
		v, err := j.store.Video(ctx, store.Everyone(), d.Video)
		if err != nil && fault.CodeOf(err) != fault.NotFound { // deleted a moment ago
			return d, err
		}
		d.Facts = &v
	}
	if d.Way.Renders() {
		d.Bill = j.billOf(d.Job)
	}
	d.Actions, err = j.store.Actions(ctx, d.ID, shownActions)
	return d, err
}

func (j *Jobs) job(ctx context.Context, id JobID) (Job, error) {
	if id.Kind == archivedTask {
		job, _, err := j.letters.job(ctx, id)
		return job, err
	}
	rows, err := j.store.Jobs(ctx, store.JobFilter{Kind: id.Kind, IDs: []uuid.UUID{id.Row}}, 1)
	if err != nil {
		return Job{}, err
	}
	if len(rows) == 0 {
		return Job{}, ErrNoJob(id.String())
	}
	return jobOf(rows[0]), nil
}
