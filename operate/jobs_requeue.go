package operate

import (
	"context"
	"errors"

	"github.com/dustin/go-humanize/english"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// RequeueRequest says what to queue again.
type RequeueRequest struct {
	JobFilter
	DryRun bool          // only say what would come of it, of all that match
	Limit  int           // jobs that are looked at in one call; not of a dry run
	After  store.JobMark // what an earlier call has looked at; zero: from the beginning

	// Rerender also renders again what is paid for once more by that, if it is no
	// more than Most, which the caller has seen and confirmed.
	Rerender bool
	Most     Bill
}

// Why a job is not queued again.
const (
	neverAgain  = "it is completed, and a completed video never renders again; verify and refetch it to have a lost file fetched again"
	notFailed   = "it has not failed"
	paysAgain   = "it would be rendered and paid for once more; rerender allows that"
	needsReview = "a person has to look at HeyGen's list first, and then resolve the video"
	hasChanged  = "it has changed since it was looked at"
)

// skips says why a job is left as it is; empty: it is queued again.
func (r RequeueRequest) skips(j Job) string {
	switch {
	case j.State == store.JobCompleted:
		return neverAgain
	case j.State == store.JobWaiting, j.State == store.JobRunning, j.Way == "":
		return notFailed
	case j.Way == store.WayReview && j.Failure != nil && j.Failure.Code == store.NeedsReview:
		return needsReview
	case (j.Way == store.WayReview || j.Way == store.WayRender) && !r.Rerender:
		return paysAgain
	}
	return ""
}

// Requeue queues failed and cancelled jobs again: each is a fresh task with
// fresh attempts, and goes on from the step that failed. One that has changed
// since it was found is left alone.
func (j *Jobs) Requeue(ctx context.Context, r RequeueRequest, by store.Actor) (Report, error) {
	s, err := j.meant(ctx, r.JobFilter, onlyFailed)
	if err != nil {
		return Report{}, err
	}
	if r.DryRun {
		return j.plan(ctx, s, r.skips)
	}
	if r.Rerender && r.After.IsZero() { // nothing is begun that could not be finished
		whole, err := j.plan(ctx, s, r.skips)
		if err == nil {
			err = confirmed(whole.Again, r.Most)
		}
		if err != nil {
			return whole, err
		}
	}
	page, err := j.page(ctx, s, r.After, r.Limit)
	if err != nil {
		return Report{}, err
	}
	report := Report{Next: page.Next, Missing: page.Missing}
	outcomes := map[JobID]JobOutcome{}
	var free []Job
	var again Bill
	for _, job := range page.Jobs {
		if reason := r.skips(job); reason != "" {
			outcomes[job.key] = JobOutcome{Skipped: reason}
			continue
		}
		if free = append(free, job); job.Way.PaysAgain() {
			again = again.Plus(j.billOf(job))
		}
	}
	if err := confirmed(again, r.Most); err != nil {
		return Report{}, err
	}
	if err := j.requeue(ctx, free, outcomes, by); err != nil {
		return Report{}, err
	}
	report.tell(j, page.Jobs, outcomes)
	report.unfound(s, page.Jobs)
	if report.Done > 0 {
		j.wake()
	}
	return report, nil
}

// meant returns what f selects. It refuses an f without any filter: a caller
// must not act on everything by forgetting to say what.
func (j *Jobs) meant(ctx context.Context, f JobFilter, states []string) (selection, error) {
	if meansAll(f) {
		return selection{}, fault.New(fault.Invalid, "this does not say which jobs are meant").
			WithField("state", "", "is empty, as is every other filter; %s means all of them", states[0])
	}
	return j.selection(ctx, f, states)
}

// confirmed compares what would be paid again with what the caller agreed to,
// to the cent.
func confirmed(again, most Bill) error {
	if again.Renders <= most.Renders && again.USD < most.USD+0.01 {
		return nil
	}
	return fault.New(fault.Conflict, "%s would be rendered and paid for once more, for about $%.2f; confirmed are %d for $%.2f",
		english.Plural(again.Renders, "video", ""), again.USD, most.Renders, most.USD).
		WithField("most_usd", most.USD, "must be what the dry run says, as must most_renders").
		WithHint("nothing was queued by this call; look at a dry run, and confirm what it says")
}

// requeue queues jobs again and says what became of each.
func (j *Jobs) requeue(ctx context.Context, list []Job, outcomes map[JobID]JobOutcome, by store.Actor) error {
	picks := map[store.JobKind][]store.Pick{}
	for _, job := range list {
		if job.key.Kind == archivedTask {
			continue
		}
		outcomes[job.key] = JobOutcome{Skipped: hasChanged}
		picks[job.key.Kind] = append(picks[job.key.Kind], store.Pick{ID: job.key.Row, Way: job.Way})
	}
	for kind, some := range picks {
		done, err := j.store.Requeue(ctx, kind, some, by)
		if err != nil {
			return err
		}
		for _, id := range done {
			outcomes[JobID{Kind: kind, Row: id}] = JobOutcome{}
		}
	}
	return j.rerun(ctx, list, outcomes, by)
}

// rerun makes fresh tasks of those that belong to no row.
func (j *Jobs) rerun(ctx context.Context, list []Job, outcomes map[JobID]JobOutcome, by store.Actor) error {
	return j.eachTask(ctx, list, outcomes, by, store.RequeueJob, func(id JobID) (note string, err error) {
		fresh, err := j.letters.rerun(ctx, id)
		return "runs as " + JobID{Kind: archivedTask, Queue: id.Queue, Task: fresh}.String(), err
	})
}

// eachTask does something to the archived tasks of a list, and writes it down.
func (j *Jobs) eachTask(ctx context.Context, list []Job, outcomes map[JobID]JobOutcome, by store.Actor, verb store.Verb,
	do func(JobID) (note string, err error),
) error {
	var actions []store.Action
	for _, job := range list {
		if job.key.Kind != archivedTask {
			continue
		}
		note, err := do(job.key)
		if fault.CodeOf(err) == fault.NotFound {
			outcomes[job.key] = JobOutcome{Skipped: hasChanged}
			continue
		}
		if err != nil {
			return errors.Join(err, j.store.RecordActions(ctx, actions))
		}
		outcomes[job.key] = JobOutcome{Note: note}
		actions = append(actions, store.Action{By: by, Verb: verb, Job: job.ID, Video: uuid.Nil, Outcome: note})
	}
	return j.store.RecordActions(ctx, actions)
}
