package operate

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"heyq/internal/fault"
	"heyq/store"
)

// ChangeRequest says which jobs to cancel or delete.
type ChangeRequest struct {
	JobFilter
	DryRun bool          // only say what would come of it, of all that match
	Limit  int           // jobs that are looked at in one call; not of a dry run
	After  store.JobMark // what an earlier call has looked at; zero: from the beginning
}

const (
	hasEnded    = "it has ended, and cannot be cancelled"
	onlyVideos  = "only videos can be cancelled"
	stillAtWork = "it has not ended; cancel it first, or wait"
)

// Cancel ends videos that have not ended. What HeyGen has begun it may finish
// and bill; such a video is watched until HeyGen has let go of it.
func (j *Jobs) Cancel(ctx context.Context, r ChangeRequest, by store.Actor) (Report, error) {
	skips := func(job Job) string {
		switch {
		case job.key.Kind != store.VideoJob:
			return onlyVideos
		case job.State != store.JobWaiting && job.State != store.JobRunning:
			return hasEnded
		}
		return ""
	}
	return j.change(ctx, r, onlyOngoing, skips, func(ctx context.Context, list []Job, outcomes map[JobID]JobOutcome) error {
		ids := make([]uuid.UUID, len(list))
		for i, job := range list {
			ids[i] = job.key.Row
			outcomes[job.key] = JobOutcome{Skipped: hasEnded}
		}
		stopped, err := j.store.CancelAll(ctx, ids, by)
		for _, v := range stopped {
			outcomes[JobID{Kind: store.VideoJob, Row: v.ID}] = JobOutcome{Note: v.Outcome()}
		}
		return err
	})
}

// change does one thing to a page of jobs.
func (j *Jobs) change(ctx context.Context, r ChangeRequest, states []string, skips func(Job) string,
	do func(ctx context.Context, list []Job, outcomes map[JobID]JobOutcome) error,
) (Report, error) {
	s, err := j.meant(ctx, r.JobFilter, states)
	if err != nil {
		return Report{}, err
	}
	if r.DryRun {
		return j.plan(ctx, s, skips)
	}
	page, err := j.page(ctx, s, r.After, r.Limit)
	if err != nil {
		return Report{}, err
	}
	outcomes := map[JobID]JobOutcome{}
	var list []Job
	for _, job := range page.Jobs {
		if reason := skips(job); reason != "" {
			outcomes[job.key] = JobOutcome{Skipped: reason}
			continue
		}
		list = append(list, job)
	}
	if err := do(ctx, list, outcomes); err != nil {
		return Report{}, err
	}
	report := Report{Next: page.Next, Missing: page.Missing}
	report.tell(j, page.Jobs, outcomes)
	report.unfound(s, page.Jobs)
	if report.Done > 0 {
		j.wake() // a slot may be free
	}
	return report, nil
}

// atOnce is how many transactions of one call are under way.
const atOnce = 8

// each changes jobs in a transaction each, some at a time. One that cannot be
// changed any more is skipped.
func each(ctx context.Context, list []Job, outcomes map[JobID]JobOutcome, do func(context.Context, Job) (note string, err error)) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, j := range list {
		group.Go(func() error {
			note, err := do(ctx, j)
			outcome := JobOutcome{Note: note}
			if refused, ok := errors.AsType[*fault.Error](err); ok && (refused.Code == fault.Conflict || refused.Code == fault.NotFound) {
				outcome, err = JobOutcome{Skipped: refused.Message}, nil
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[j.key] = outcome
			return err
		})
	}
	return group.Wait()
}
