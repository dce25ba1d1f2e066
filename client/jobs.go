package client

import (
	"context"
	"iter"
	"net/url"
	"strconv"
	"time"

	"heyq/wire"
)

// Jobs are what waits, runs or failed.
type Jobs service

// List lists jobs, the newest first: those that failed, unless the filter has a state. A
// filter by ids is not supported. The first page, with an empty after, counts all that match.
func (s *Jobs) List(ctx context.Context, f wire.JobFilter, p wire.JobPlace) (wire.JobList, error) {
	r := get("/v1/jobs")
	r.query = url.Values{"limit": {strconv.Itoa(p.Limit)}}
	for name, value := range map[string]string{
		"state": f.State, "queue": f.Queue, "kind": f.Kind, "error": f.Error, "user": f.User, "after": p.After,
	} {
		if value != "" {
			r.query.Set(name, value)
		}
	}
	for name, at := range map[string]time.Time{"since": f.Since, "before": f.Before} {
		if !at.IsZero() {
			r.query.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	return call[wire.JobList](ctx, s.c, r)
}

// All goes through the jobs as List lists them, of all pages.
func (s *Jobs) All(ctx context.Context, f wire.JobFilter) iter.Seq2[wire.Job, error] {
	return each(func(after string) ([]wire.Job, *string, error) {
		l, err := s.List(ctx, f, wire.JobPlace{Limit: pageSize, After: after})
		return l.Jobs, l.Next, err
	})
}

// Get returns one job.
func (s *Jobs) Get(ctx context.Context, id string) (wire.JobDetails, error) {
	return call[wire.JobDetails](ctx, s.c, get(at("/v1/jobs/{}", id)))
}

// Requeue queues failed jobs again.
func (s *Jobs) Requeue(ctx context.Context, r wire.RequeueJobsRequest) (wire.RequeuedJobs, error) {
	return call[wire.RequeuedJobs](ctx, s.c, post("/v1/jobs/requeue", r))
}

// Cancel ends videos that wait or run.
func (s *Jobs) Cancel(ctx context.Context, r wire.ChangeJobsRequest) (wire.ChangedJobs, error) {
	return call[wire.ChangedJobs](ctx, s.c, post("/v1/jobs/cancel", r))
}

// Delete forgets jobs that have ended.
func (s *Jobs) Delete(ctx context.Context, r wire.ChangeJobsRequest) (wire.ChangedJobs, error) {
	return call[wire.ChangedJobs](ctx, s.c, post("/v1/jobs/delete", r))
}
