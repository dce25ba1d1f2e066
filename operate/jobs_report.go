package operate

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"heyq/internal/estimate"
	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
)

// Report is what a change of many jobs came to, or would come to.
type Report struct {
	DryRun  bool
	Done    int
	Skipped int
	Groups  []JobGroup    // the same by kind of job; the most numerous first
	Jobs    []JobOutcome  // each job, newest first; of a dry run none
	Next    store.JobMark // where the rest begins; zero: that was all
	Missing error         // why asynq's archive is left out; nil: it is not

	First Bill // what is rendered for the first time, as it was asked for
	Again Bill // what is rendered once more, and paid for once more
}

// JobGroup is how many jobs are alike.
type JobGroup struct {
	Queue   jobs.Queue
	Kind    string
	Code    string // of the failure; empty: they have not failed
	Way     store.Way
	Skipped string // why they are left as they are; empty: they are not
	Jobs    int
}

// JobOutcome is what became of one job.
type JobOutcome struct {
	ID      string
	Way     store.Way // that it goes on by
	Note    string    // what came of it
	Skipped string    // why it is left as it is; empty: it is not
}

// Bill is what renders will cost.
type Bill = wire.Bill

func (j *Jobs) billOf(job Job) Bill {
	bill := Bill{Renders: 1, USD: estimate.Price(job.script, j.price)}
	if job.script == 0 {
		bill.Unpriced = 1
	}
	return bill
}

// add counts a job, or several that are alike.
func (r *Report) add(j Job, skipped string, jobs int, bill Bill) {
	switch {
	case skipped != "":
		r.Skipped += jobs
	case j.Way == store.WayFirst:
		r.First = r.First.Plus(bill)
		r.Done += jobs
	default:
		if j.Way.Renders() {
			r.Again = r.Again.Plus(bill)
		}
		r.Done += jobs
	}
	group := JobGroup{Queue: j.Queue, Kind: j.Kind, Way: j.Way, Skipped: skipped}
	if j.Failure != nil {
		group.Code = j.Failure.Code
	}
	i := slices.IndexFunc(r.Groups, func(g JobGroup) bool {
		group.Jobs = g.Jobs
		return g == group
	})
	if i < 0 {
		group.Jobs = 0
		i, r.Groups = len(r.Groups), append(r.Groups, group)
	}
	r.Groups[i].Jobs += jobs
}

// tell adds what became of each job of a page.
func (r *Report) tell(all *Jobs, list []Job, outcomes map[JobID]JobOutcome) {
	for _, j := range list {
		o := outcomes[j.key]
		o.ID, o.Way = j.ID, j.Way
		r.Jobs = append(r.Jobs, o)
		r.add(j, o.Skipped, 1, all.billOf(j))
		if o.Skipped == "" && j.Video != uuid.Nil {
			all.moved(j.Video)
		}
	}
	r.sort()
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Groups, func(a, b JobGroup) int { return cmp.Compare(b.Jobs, a.Jobs) })
}

// unfound adds those that were named, and do not exist.
func (r *Report) unfound(s selection, found []Job) {
	missing := map[JobID]bool{}
	for _, id := range s.named {
		missing[id] = true
	}
	for _, j := range found {
		delete(missing, j.key)
	}
	ids := slices.SortedFunc(maps.Keys(missing), func(a, b JobID) int { return cmp.Compare(a.String(), b.String()) })
	for _, id := range ids {
		reason := noSuchJob
		if id.Kind == archivedTask && r.Missing != nil {
			reason = noAnswer
		}
		r.add(Job{}, reason, 1, Bill{})
		r.Jobs = append(r.Jobs, JobOutcome{ID: id.String(), Skipped: reason})
	}
}

const (
	noSuchJob = "there is no such job"
	noAnswer  = "Redis did not answer"
)

// plan says what would become of everything that a selection means. skips says
// why a job would be left as it is.
func (j *Jobs) plan(ctx context.Context, s selection, skips func(Job) string) (Report, error) {
	r := Report{DryRun: true}
	if s.named != nil { // few enough to look at each, in whatever state it is
		page, err := j.page(ctx, s, store.JobMark{}, 0)
		if err != nil {
			return r, err
		}
		for _, job := range page.Jobs {
			r.add(job, skips(job), 1, j.billOf(job))
		}
		r.Missing = page.Missing
		r.unfound(s, page.Jobs)
		r.Jobs = nil
		r.sort()
		return r, nil
	}
	for _, f := range s.rows {
		counts, err := j.store.CountJobs(ctx, f)
		if err != nil {
			return r, err
		}
		for _, c := range counts {
			job := alike(f, c)
			r.add(job, skips(job), c.Jobs, Bill{Renders: c.Jobs, USD: estimate.Price(c.Script, j.price), Unpriced: c.Silent})
		}
	}
	tasks, missing := j.tasks(ctx, s)
	r.Missing = missing
	for _, job := range tasks {
		r.add(job, skips(job), 1, Bill{})
	}
	r.sort()
	return r, nil
}

// alike is what is the same for all jobs that were counted together.
func alike(f store.JobFilter, c store.JobCount) Job {
	j := Job{State: store.JobFailed, Way: c.Way, Failure: &store.Failure{Code: c.Code}, key: JobID{Kind: f.Kind}}
	if f.Open {
		j.State, j.Failure = store.JobWaiting, nil
	}
	j.Kind, j.Queue = taskOf(f.Kind, c.Step)
	return j
}
