package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/operate"
	"heyq/store"
	"heyq/wire"
)

func requeueJobsOp() huma.Operation {
	op := changeJobsOp("Queue failed jobs again",
		"Each goes on from the step that failed, as a fresh task with fresh attempts. Say which by `ids` or by the other filters; "+
			"an empty request means nothing, and `{\"state\": \"failed\"}` everything. With `dry_run` nothing is done, and all that match is counted. "+
			"A call looks at `limit` jobs, and `next` is where the next call goes on.\n\n"+
			"What would be rendered and paid for once more is left out, unless `rerender` is true and no more than `most_renders` and `most_usd` come of it, "+
			"which are what a dry run with `rerender` has said under `rerenders`; otherwise it is a 409 and nothing is done. "+
			"A completed video never renders again.",
		requeueExamples(), requeuedExample())
	op.OperationID, op.Errors = "requeue-jobs", append(op.Errors, http.StatusConflict)
	return op
}

type requeueJobsInput struct{ JSON body[wire.RequeueJobsRequest] }

type requeueJobsOutput struct{ Body wire.RequeuedJobs }

func (s *server) requeueJobs(ctx context.Context, in *requeueJobsInput) (*requeueJobsOutput, error) {
	request, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	limit, after, err := placeOf(request.JobPlace)
	if err != nil {
		return nil, err
	}
	report, err := s.jobs.Requeue(ctx, operate.RequeueRequest{
		JobFilter: request.JobFilter, DryRun: request.DryRun, Limit: limit, After: after,
		Rerender: request.Rerender, Most: wire.Bill{Renders: request.MostRenders, USD: request.MostUSD},
	}, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	return &requeueJobsOutput{wire.RequeuedJobs{
		ChangedJobs: showChanged(report), FirstRenders: showBill(report.First), Rerenders: showBill(report.Again),
	}}, nil
}

func requeueExamples() examples {
	which := func(f wire.JobFilter) wire.ChangeJobsRequest { return wire.ChangeJobsRequest{JobFilter: f} }
	night := which(wire.JobFilter{Queue: "download", Error: "link_expired", Since: exampleAt})
	rehearsal := night
	rehearsal.DryRun = true
	return examples{
		"rehearse": {Summary: "What would come of it?", Value: wire.RequeueJobsRequest{ChangeJobsRequest: rehearsal}},
		"night":    {Summary: "The downloads that failed since then", Value: wire.RequeueJobsRequest{ChangeJobsRequest: night}},
		"ids": {Summary: "One video, and one task", Value: wire.RequeueJobsRequest{
			ChangeJobsRequest: which(wire.JobFilter{IDs: []string{exampleID.String(), taskExampleID}}),
		}},
		"rerender": {Summary: "Pay again for what HeyGen has broken, as confirmed", Value: wire.RequeueJobsRequest{
			ChangeJobsRequest: which(wire.JobFilter{Queue: "poll", Error: "render_failed"}), Rerender: true, MostRenders: 12, MostUSD: 4.31,
		}},
	}
}

func requeuedExample() wire.RequeuedJobs {
	return wire.RequeuedJobs{ChangedJobs: wire.ChangedJobs{
		Done: 1, Groups: expiredGroups(1), Jobs: []wire.JobOutcome{{ID: exampleID.String(), GoesOn: store.WayResume}},
	}}
}
