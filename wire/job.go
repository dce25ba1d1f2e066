package wire

import (
	"time"

	"heyq/store"
)

// Job is a unit of work as operators see it: the present or failed step of a
// video, the analysis of one, a notification, or a task that asynq gave up.
type Job struct {
	ID      string         `json:"id" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e" doc:"A video's id; or analysis:<video>, notification:<id>, task:<queue>:<task>"`
	Kind    string         `json:"kind" example:"video:download" doc:"The kind of task that does it"`
	Queue   string         `json:"queue" example:"download"`
	State   store.JobState `json:"state" enum:"waiting,running,failed,completed,cancelled" example:"failed"`
	Attempt int            `json:"attempt" example:"5" doc:"Failures so far"`
	At      *time.Time     `json:"at" doc:"When it failed; where it has not, when it was created; null: asynq does not know"`
	Failure *JobFailure    `json:"failure" doc:"Why it failed; null unless it did"`
	GoesOn  *store.Way     `json:"goes_on" example:"resume" doc:"How it goes on when it is queued again. resume: with the render that HeyGen has, free of charge; first_render: as new, since nothing was billed; again: once more, free of charge; new_render: rendered and paid for once more; review: the same, where a person has to look first. null: it has not ended so"`
	VideoID *string        `json:"video_id" format:"uuid" doc:"null: a task that belongs to no video"`
	UserID  string         `json:"user_id" example:"default"`
	Title   string         `json:"title" example:"Hello Ada" doc:"The video's"`
}

// JobFailure is why a job failed.
type JobFailure struct {
	Code    string `json:"code" example:"link_expired" doc:"HeyGen's own where HeyGen is the reason"`
	Message string `json:"message"`
}

// JobDetails is all that is known of a job.
type JobDetails struct {
	Job
	Video    *VideoDetails `json:"video" doc:"null: it belongs to none"`
	Actions  []JobAction   `json:"actions" nullable:"false" doc:"What was done to it, newest first; the last 20"`
	WouldPay Bill          `json:"would_pay" doc:"What is rendered, and paid, when it is queued again"`
}

// JobAction is what a person did to a job.
type JobAction struct {
	At        time.Time  `json:"at"`
	Who       string     `json:"who" example:"operator"`
	RequestID string     `json:"request_id" doc:"Finds the line in heyq's log"`
	Action    store.Verb `json:"action" enum:"requeue,cancel,delete" example:"requeue"`
	Outcome   string     `json:"outcome" example:"resumed"`
}

// MaxJobs is how many jobs a call looks at, and how many ids it may name.
const MaxJobs = 1000

// JobList is a page of jobs.
type JobList struct {
	Jobs    []Job      `json:"jobs" nullable:"false"`
	Total   *int       `json:"total" example:"9812" doc:"All that match; null on a page that is not the first"`
	Groups  []JobGroup `json:"groups" nullable:"false" doc:"All that match, by kind of job; on the first page"`
	Next    *string    `json:"next" doc:"Give it as after for the next page; null: that was all"`
	Missing string     `json:"missing" doc:"Why the tasks in asynq's archive are not in it; empty: they are"`
}

// JobFilter says which jobs are meant, in the words of operators. What is empty
// lets everything through.
type JobFilter struct {
	IDs    []string  `json:"ids,omitempty" doc:"These, in whatever state; with no other filter, and 1,000 at most"`
	State  string    `json:"state,omitempty" example:"failed"`
	Queue  string    `json:"queue,omitempty" example:"download" doc:"Only those of this queue"`
	Kind   string    `json:"kind,omitempty" example:"video:download" doc:"Only those of this kind of task"`
	Error  string    `json:"error,omitempty" example:"link_expired" doc:"Only those that failed with this code"`
	User   string    `json:"user,omitempty" example:"default" doc:"Only those of this user's videos"`
	Since  time.Time `json:"since,omitzero" doc:"Only those that failed then or later (RFC 3339)"`
	Before time.Time `json:"before,omitzero" doc:"Only those that failed before"`
}

// JobPlace is where a call goes on that others began.
type JobPlace struct {
	Limit int    `json:"limit,omitempty" minimum:"1" maximum:"1000" doc:"How many jobs this call looks at; default 1,000"`
	After string `json:"after,omitempty" doc:"The next of the call before; empty: from the beginning"`
}

// ChangeJobsRequest says what to cancel or delete.
type ChangeJobsRequest struct {
	JobFilter
	JobPlace
	DryRun bool `json:"dry_run,omitempty" doc:"Only say what would come of it"`
}

// RequeueJobsRequest says what to queue again.
type RequeueJobsRequest struct {
	ChangeJobsRequest
	Rerender    bool    `json:"rerender,omitempty" doc:"Also render again what is paid for once more by that"`
	MostRenders int     `json:"most_renders,omitempty" minimum:"0" doc:"With rerender: how many such renders were confirmed"`
	MostUSD     float64 `json:"most_usd,omitempty" minimum:"0" doc:"With rerender: what they may cost together, as was confirmed"`
}

// ChangedJobs is what a change of many jobs came to.
type ChangedJobs struct {
	DryRun  bool         `json:"dry_run" example:"false"`
	Done    int          `json:"done" example:"980" doc:"Of a dry run: that would be done"`
	Skipped int          `json:"skipped" example:"20"`
	Groups  []JobGroup   `json:"groups" nullable:"false" doc:"The same by kind of job, the most numerous first"`
	Jobs    []JobOutcome `json:"jobs" nullable:"false" doc:"Each job that this call looked at, the newest failure first; none for a dry run, which counts all that match"`
	Next    *string      `json:"next" doc:"Give it as after to go on; null: that was all"`
	Missing string       `json:"missing" doc:"Why the tasks in asynq's archive are left out; empty: they are not"`
}

// RequeuedJobs is what a requeue came to.
type RequeuedJobs struct {
	ChangedJobs
	FirstRenders Bill `json:"first_renders" doc:"What renders for the first time, as it was asked for"`
	Rerenders    Bill `json:"rerenders" doc:"What renders, and is paid for, once more"`
}

// JobGroup is how many jobs are alike.
type JobGroup struct {
	Queue   string    `json:"queue" example:"download"`
	Kind    string    `json:"kind" example:"video:download"`
	Error   string    `json:"error" example:"link_expired" doc:"Empty: they have not failed"`
	GoesOn  store.Way `json:"goes_on" example:"resume"`
	Skipped string    `json:"skipped" doc:"Why they are left as they are; empty: they are not"`
	Jobs    int       `json:"jobs" example:"9800"`
}

// JobOutcome is what became of one job.
type JobOutcome struct {
	ID      string    `json:"id" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	GoesOn  store.Way `json:"goes_on,omitempty" example:"resume"`
	Note    string    `json:"note,omitempty" doc:"What came of it"`
	Skipped string    `json:"skipped,omitempty" doc:"Why it is left as it is; absent: it is not"`
}

// Bill is what renders will cost, as far as their scripts tell.
type Bill struct {
	Renders  int     `json:"renders" example:"12"`
	USD      float64 `json:"usd" example:"4.31" doc:"About, by the length of their scripts"`
	Unpriced int     `json:"unpriced" example:"0" doc:"Renders whose script is not known, as of a template; they are not in usd"`
}

// Plus is both bills.
func (b Bill) Plus(more Bill) Bill {
	return Bill{b.Renders + more.Renders, b.USD + more.USD, b.Unpriced + more.Unpriced}
}
