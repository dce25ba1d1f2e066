package operate

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"heyq/internal/fault"
	"heyq/store"
)

// JobPage is a part of a listing, newest first.
type JobPage struct {
	Jobs []Job
	Next store.JobMark // where the rest begins; zero: that was all

	// Missing says why asynq's archive is not in it: Redis did not answer. The
	// rows are there all the same.
	Missing error
}

// List returns up to n of the jobs that f means, behind after.
func (j *Jobs) List(ctx context.Context, f JobFilter, after store.JobMark, n int) (JobPage, error) {
	s, err := j.selection(ctx, f, anyState)
	if err != nil {
		return JobPage{}, err
	}
	return j.page(ctx, s, after, n)
}

// Count groups the jobs that f means: the most numerous first.
func (j *Jobs) Count(ctx context.Context, f JobFilter) ([]JobGroup, error) {
	s, err := j.selection(ctx, f, anyState)
	if err != nil {
		return nil, err
	}
	r, err := j.plan(ctx, s, func(Job) string { return "" })
	return r.Groups, err
}

// page merges what the rows' tables and the archive have. Those that are named
// are all in one page, whatever n is.
func (j *Jobs) page(ctx context.Context, s selection, after store.JobMark, n int) (p JobPage, err error) {
	if s.named != nil {
		n = len(s.named)
	}
	for _, f := range s.rows {
		f.Behind = after
		rows, err := j.store.Jobs(ctx, f, n)
		if err != nil {
			return p, err
		}
		for _, row := range rows {
			p.Jobs = append(p.Jobs, jobOf(row))
		}
	}
	tasks, missing := j.tasks(ctx, s)
	p.Missing = missing
	for _, job := range tasks {
		if after.IsZero() || compareMarks(job.Mark(), after) < 0 {
			p.Jobs = append(p.Jobs, job)
		}
	}
	slices.SortFunc(p.Jobs, func(a, b Job) int { return compareMarks(b.Mark(), a.Mark()) })
	if s.named == nil && len(p.Jobs) >= n {
		p.Jobs = p.Jobs[:n]
		p.Next = p.Jobs[n-1].Mark()
	}
	return p, nil
}

// tasks returns the archived tasks of a selection.
func (j *Jobs) tasks(ctx context.Context, s selection) ([]Job, error) {
	if s.tasks != nil {
		return j.letters.jobs(ctx, *s.tasks)
	}
	var list []Job
	for _, id := range s.named {
		if id.Kind != archivedTask {
			continue
		}
		job, _, err := j.letters.job(ctx, id)
		switch {
		case err == nil:
			list = append(list, job)
		case fault.CodeOf(err) != fault.NotFound:
			return nil, err
		}
	}
	return list, nil
}

// compareMarks orders jobs by time, and those of one moment by their ids, as
// both stores do.
func compareMarks(a, b store.JobMark) int {
	return cmp.Or(a.At.Compare(b.At), bytes.Compare(a.ID[:], b.ID[:]))
}
