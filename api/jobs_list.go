package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func jobsOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-jobs",
		Tags:        []string{jobsTag},
		Summary:     "List jobs",
		Description: "What failed, the newest failure first, over the store and asynq's archive together; or, with `state`, the videos that wait or run. " +
			"The first page also counts everything that matches. Give `next` as `after` for the next page.",
		Responses: map[string]*huma.Response{"200": answers("A page", jobsExample())},
		Errors:    []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

type jobsInput struct {
	State  string    `query:"state" example:"failed" doc:"failed, waiting or running; default failed"`
	Queue  string    `query:"queue" example:"download" doc:"Only those of this queue"`
	Kind   string    `query:"kind" example:"video:download" doc:"Only those of this kind of task"`
	Error  string    `query:"error" example:"link_expired" doc:"Only those that failed with this code"`
	User   string    `query:"user" doc:"Only those of this user's videos"`
	Since  time.Time `query:"since" doc:"Only those that failed then or later; created, where they have not failed"`
	Before time.Time `query:"before" doc:"Only those that failed before; created, where they have not failed"`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Jobs a page"`
	After  string    `query:"after" doc:"The next of the page before; empty: from the newest"`
}

type jobsOutput struct{ Body wire.JobList }

func (s *server) listJobs(ctx context.Context, in *jobsInput) (*jobsOutput, error) {
	after, err := parseMark(in.After)
	if err != nil {
		return nil, inQuery(err)
	}
	f := wire.JobFilter{
		State: in.State, Queue: in.Queue, Kind: in.Kind, Error: in.Error, User: in.User, Since: in.Since, Before: in.Before,
	}
	page, err := s.jobs.List(ctx, f, after, in.Limit)
	if err != nil {
		return nil, inQuery(err)
	}
	list := wire.JobList{Jobs: make([]wire.Job, len(page.Jobs)), Next: markOf(page.Next), Missing: missing(page.Missing), Groups: []wire.JobGroup{}}
	for i, j := range page.Jobs {
		list.Jobs[i] = showJob(j)
	}
	if in.After != "" {
		return &jobsOutput{list}, nil
	}
	groups, err := s.jobs.Count(ctx, f)
	if err != nil {
		return nil, err
	}
	total := 0
	for _, g := range groups {
		total += g.Jobs
	}
	list.Total, list.Groups = &total, showGroups(groups)
	return &jobsOutput{list}, nil
}

// inQuery says of a fault's fields that they are parameters.
func inQuery(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	for i := range f.Fields {
		f.Fields[i].Name = inQueryOf + f.Fields[i].Name
	}
	return f
}

func jobsExample() wire.JobList {
	total, next := 9812, markOf(store.JobMark{At: exampleAt, ID: exampleID})
	return wire.JobList{Jobs: []wire.Job{showJob(expiredExample())}, Total: &total, Groups: expiredGroups(total), Next: next}
}
