package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
	"heyq/store"
)

// What the documentation shows of jobs: downloads that failed in a night.

const taskExampleID = "task:maintenance:4711"

func requeueExamples() map[string]*huma.Example {
	night := JobFilter{Queue: "download", Error: "link_expired", Since: exampleAt}
	return map[string]*huma.Example{
		"rehearse": {Summary: "What would come of it?", Value: RequeueJobsRequest{JobFilter: night, DryRun: true}},
		"night":    {Summary: "The downloads that failed since then", Value: RequeueJobsRequest{JobFilter: night}},
		"ids":      {Summary: "One video, and one task", Value: RequeueJobsRequest{JobFilter: JobFilter{IDs: []string{exampleID.String(), taskExampleID}}}},
		"rerender": {Summary: "Pay again for what HeyGen has broken, as confirmed", Value: RequeueJobsRequest{
			JobFilter: JobFilter{Queue: "poll", Error: "render_failed"}, Rerender: true, MostRenders: 12, MostUSD: 4.31,
		}},
	}
}

func cancelJobsExamples() map[string]*huma.Example {
	return map[string]*huma.Example{
		"queued": {Summary: "All that wait to be sent", Value: ChangeJobsRequest{JobFilter: JobFilter{State: "waiting", Queue: "create"}}},
		"ids":    {Summary: "One video", Value: ChangeJobsRequest{JobFilter: JobFilter{IDs: []string{exampleID.String()}}}},
	}
}

func deleteJobsExamples() map[string]*huma.Example {
	return map[string]*huma.Example{
		"old": {Summary: "What failed before then", Value: ChangeJobsRequest{JobFilter: JobFilter{State: "failed", Before: exampleAt}}},
		"ids": {Summary: "One task in asynq's archive", Value: ChangeJobsRequest{JobFilter: JobFilter{IDs: []string{taskExampleID}}}},
	}
}

func expiredExample() jobs.Job {
	return jobs.Job{
		ID: exampleID.String(), Kind: jobs.VideoDownload.Name, Queue: jobs.DownloadQueue, State: store.JobFailed, Attempt: 5,
		At: exampleAt.Add(10 * time.Minute), Way: store.WayResume, Video: exampleID, UserID: store.DefaultUser, Title: "Hello Ada",
		Failure: &store.Failure{Code: "link_expired", Message: "each link that HeyGen gave had expired"},
	}
}

func expiredGroups(n int) []JobGroup {
	j := expiredExample()
	return showGroups([]jobs.JobGroup{{Queue: j.Queue, Kind: j.Kind, Code: j.Failure.Code, Way: j.Way, Jobs: n}})
}

func jobsExample() JobList {
	total, next := 9812, markOf(store.JobMark{At: exampleAt, ID: exampleID})
	return JobList{Jobs: []Job{showJob(expiredExample())}, Total: &total, Groups: expiredGroups(total), Next: next}
}

func jobExample() JobDetails {
	video := VideoDetails{Video: queuedExample(), Timeline: []Event{{store.Failed, exampleAt.Add(10 * time.Minute)}}}
	video.State = store.Failed
	return JobDetails{Job: showJob(expiredExample()), Video: &video, Actions: []JobAction{
		{exampleAt, defaultActor, "4711", store.RequeueJob, "resumed"},
	}}
}

func requeuedExample() RequeuedJobs {
	return RequeuedJobs{ChangedJobs: ChangedJobs{
		Done: 1, Groups: expiredGroups(1), Jobs: []JobOutcome{{ID: exampleID.String(), GoesOn: string(store.WayResume)}},
	}}
}

func changedJobsExample(verb store.Verb) ChangedJobs {
	c := ChangedJobs{Done: 1, Groups: expiredGroups(1), Jobs: []JobOutcome{{ID: exampleID.String(), Note: "deleted"}}}
	if verb == store.CancelJob {
		c.Groups[0].Error, c.Groups[0].GoesOn = "", ""
		c.Jobs[0].Note = store.CancelledVideo{Was: store.Downloading}.Outcome()
	}
	return c
}
