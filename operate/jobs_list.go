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
func (b *Jobs) List(ctx context.Context, f JobFilter, after store.JobMark, n int) (JobPage, error) {
	s, err := b.selection(ctx, f, anyState)
	if err != nil {
		return JobPage{}, err
	}
	return b.page(ctx, s, after, n)
}

// Count groups the jobs that f means: the most numerous first.
func (b *Jobs) Count(ctx context.Context, f JobFilter) ([]JobGroup, error) {
	s, err := b.selection(ctx, f, anyState)
	if err != nil {
		return nil, err
	}
	r, err := b.plan(ctx, s, func(Job) string { return "" })
	return r.Groups, err
}

// page merges what the rows' tables and the archive have. Those that are named
// are all in one page, whatever n is.
func (b *Jobs) page(ctx context.Context, s selection, after store.JobMark, n int) (p JobPage, err error) {
	if s.named != nil {
		n = len(s.named)
	}
	for _, f := range s.rows {
		f.Behind = after
		rows, err := b.store.Jobs(ctx, f, n)
		if err != nil {
			return p, err
		}
		for _, row := range rows {
			p.Jobs = append(p.Jobs, jobOf(row))
		}
	}
	tasks, missing := b.tasks(ctx, s)
	p.Missing = missing
	for _, j := range tasks {
		if after.IsZero() || compareMarks(j.Mark(), after) < 0 {
			p.Jobs = append(p.Jobs, j)
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
func (b *Jobs) tasks(ctx context.Context, s selection) ([]Job, error) {
	if s.tasks != nil {
		return b.letters.jobs(ctx, *s.tasks)
	}
	var list []Job
	for _, id := range s.named {
		if id.Kind != archivedTask {
			continue
		}
		j, _, err := b.letters.job(ctx, id)
		switch {
		case err == nil:
			list = append(list, j)
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
