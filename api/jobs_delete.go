package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
	"heyq/wire"
)

func deleteJobsOp() huma.Operation {
	return changeJobsOp("Delete jobs",
		"Forgets jobs that failed: a video with its file and all that belongs to it, an analysis, a notification, a task in asynq's archive. "+
			"By `ids` it also forgets videos that have completed or were cancelled. What is open, or held by HeyGen, is left as it is. "+
			"What operators did to them stays on record.",
		examples{
			"old": {Summary: "What failed before then", Value: wire.ChangeJobsRequest{JobFilter: wire.JobFilter{State: "failed", Before: exampleAt}}},
			"ids": {Summary: "One task in asynq's archive", Value: wire.ChangeJobsRequest{JobFilter: wire.JobFilter{IDs: []string{taskExampleID}}}},
		}, changedJobsExample(store.DeleteJob))
}

func (s *server) deleteJobs(ctx context.Context, in *changeJobsInput) (*changeJobsOutput, error) {
	return s.changeJobs(ctx, in, s.jobs.Delete)
}
