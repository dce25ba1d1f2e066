package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
)

func requeueJobsOp() huma.Operation {
	return huma.Operation{
		OperationID: "requeue-jobs",
		Tags:        []string{jobsTag},
		Summary:     "Queue failed jobs again",
		Description: "Each goes on from the step that failed, as a fresh task with fresh attempts. Say which by `ids` or by the other filters; " +
			"an empty request means nothing, and `{\"state\": \"failed\"}` everything. With `dry_run` nothing is done, and all that match is counted. " +
			"A call looks at `limit` jobs, and `next` is where the next call goes on.\n\n" +
			"What would be rendered and paid for once more is left out, unless `rerender` is true and no more than `most_renders` and `most_usd` come of it, " +
			"which are what a dry run with `rerender` has said under `rerenders`; otherwise it is a 409 and nothing is done. " +
			"A completed video never renders again.",
		MaxBodyBytes: maxBody,
		RequestBody:  bodyOf[RequeueJobsRequest](true, requeueExamples()),
		Responses:    map[string]*huma.Response{"200": answerOf("What became of each", requeuedExample())},
		Errors:       append(jobChangeErrors(), http.StatusConflict),
	}
}

// jobChangeErrors are those of every change of many jobs.
func jobChangeErrors() []int {
	return []int{
		http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
	}
}

// RequeueJobsRequest says what to queue again.
type RequeueJobsRequest struct {
	JobFilter
	JobPlace
	DryRun      bool    `json:"dry_run,omitempty" doc:"Only say what would come of it"`
	Rerender    bool    `json:"rerender,omitempty" doc:"Also render again what is paid for once more by that"`
	MostRenders int     `json:"most_renders,omitempty" minimum:"0" doc:"With rerender: how many such renders somebody has confirmed"`
	MostUSD     float64 `json:"most_usd,omitempty" minimum:"0" doc:"With rerender: what they may cost together, as somebody has confirmed"`
}

// RequeuedJobs is what a requeue came to.
type RequeuedJobs struct {
	ChangedJobs
	FirstRenders Bill `json:"first_renders" doc:"What renders for the first time, as it was asked for"`
	Rerenders    Bill `json:"rerenders" doc:"What renders, and is paid for, once more"`
}

type requeueJobsInput struct{ JSON payload }

type requeueJobsOutput struct{ Body RequeuedJobs }

func (s *server) requeueJobs(ctx context.Context, in *requeueJobsInput) (*requeueJobsOutput, error) {
	var request RequeueJobsRequest
	if err := in.JSON.into(s.requeueing, &request); err != nil {
		return nil, err
	}
	limit, after, err := request.JobPlace.parsed()
	if err != nil {
		return nil, err
	}
	report, err := s.board.Requeue(ctx, jobs.RequeueRequest{
		JobFilter: request.JobFilter.parsed(), DryRun: request.DryRun, Limit: limit, After: after,
		Rerender: request.Rerender, Most: jobs.Bill{Renders: request.MostRenders, USD: request.MostUSD},
	}, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	return &requeueJobsOutput{RequeuedJobs{showChanged(report), showBill(report.First), showBill(report.Again)}}, nil
}
