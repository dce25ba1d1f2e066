package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"heyq/operate"
	"heyq/store"
	"heyq/wire"
)

func cancelJobsOp() huma.Operation {
	return changeJobsOp("Cancel jobs",
		"Ends videos that have not ended; HeyGen may still bill what it has begun. Say which by `ids` or by the other filters; "+
			"`state` is waiting, running or open, which is both. Analyses, notifications and tasks are not cancelled.",
		examples{
			"queued": {Summary: "All that wait to be sent", Value: wire.ChangeJobsRequest{JobFilter: wire.JobFilter{State: "waiting", Queue: "create"}}},
			"ids":    {Summary: "One video", Value: wire.ChangeJobsRequest{JobFilter: wire.JobFilter{IDs: []string{exampleID.String()}}}},
		}, changedJobsExample(store.CancelJob))
}

// changeJobsOp documents a change of many jobs.
func changeJobsOp(summary, description string, bodies examples, answer any) huma.Operation {
	return huma.Operation{
		OperationID:  strings.ToLower(strings.ReplaceAll(summary, " ", "-")),
		Tags:         []string{jobsTag},
		Summary:      summary,
		Description:  description,
		MaxBodyBytes: maxBody,
		RequestBody:  required(bodies),
		Responses:    map[string]*huma.Response{"200": answers("What became of each", answer)},
		Errors: []int{
			http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

type changeJobsInput struct{ JSON body[wire.ChangeJobsRequest] }

type changeJobsOutput struct{ Body wire.ChangedJobs }

func (s *server) cancelJobs(ctx context.Context, in *changeJobsInput) (*changeJobsOutput, error) {
	return s.changeJobs(ctx, in, s.jobs.Cancel)
}

func (s *server) changeJobs(ctx context.Context, in *changeJobsInput,
	change func(context.Context, operate.ChangeRequest, store.Actor) (operate.Report, error),
) (*changeJobsOutput, error) {
	request, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	limit, after, err := placeOf(request.JobPlace)
	if err != nil {
		return nil, err
	}
	report, err := change(ctx, operate.ChangeRequest{
		JobFilter: request.JobFilter, DryRun: request.DryRun, Limit: limit, After: after,
	}, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	return &changeJobsOutput{showChanged(report)}, nil
}

func changedJobsExample(verb store.Verb) wire.ChangedJobs {
	c := wire.ChangedJobs{Done: 1, Groups: expiredGroups(1), Jobs: []wire.JobOutcome{{ID: exampleID.String(), Note: "deleted"}}}
	if verb == store.CancelJob {
		c.Groups[0].Error, c.Groups[0].GoesOn = "", ""
		c.Jobs[0].Note = store.CancelledVideo{Was: store.Downloading}.Outcome()
	}
	return c
}
