package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
	"heyq/store"
)

func cancelJobsOp() huma.Operation {
	return huma.Operation{
		OperationID: "cancel-jobs",
		Tags:        []string{jobsTag},
		Summary:     "Cancel jobs",
		Description: "Ends videos that have not ended; HeyGen may still bill what it has begun. Say which by `ids` or by the other filters; " +
			"`state` is waiting, running or open, which is both. Analyses, notifications and tasks are not cancelled.",
		MaxBodyBytes: maxBody,
		RequestBody:  bodyOf[ChangeJobsRequest](true, cancelJobsExamples()),
		Responses:    map[string]*huma.Response{"200": answerOf("What became of each", changedJobsExample(store.CancelJob))},
		Errors:       jobChangeErrors(),
	}
}

// ChangeJobsRequest says what to cancel or delete.
type ChangeJobsRequest struct {
	JobFilter
	JobPlace
	DryRun bool `json:"dry_run,omitempty" doc:"Only say what would come of it"`
}

type changeJobsInput struct{ JSON payload }

type changeJobsOutput struct{ Body ChangedJobs }

func (s *server) cancelJobs(ctx context.Context, in *changeJobsInput) (*changeJobsOutput, error) {
	return s.changeJobs(ctx, in, s.board.Cancel)
}

func (s *server) changeJobs(ctx context.Context, in *changeJobsInput,
	change func(context.Context, jobs.ChangeRequest, store.Actor) (jobs.Report, error),
) (*changeJobsOutput, error) {
	var request ChangeJobsRequest
	if err := in.JSON.into(s.changing, &request); err != nil {
		return nil, err
	}
	limit, after, err := request.JobPlace.parsed()
	if err != nil {
		return nil, err
	}
	report, err := change(ctx, jobs.ChangeRequest{
		JobFilter: request.JobFilter.parsed(), DryRun: request.DryRun, Limit: limit, After: after,
	}, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	return &changeJobsOutput{showChanged(report)}, nil
}
