package api

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/jobs"
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
	GoesOn  *string        `json:"goes_on" example:"resume" doc:"How it goes on when it is queued again. resume: with the render that HeyGen has, free of charge; first_render: as new, since nothing was billed; again: once more, free of charge; new_render: rendered and paid for once more; review: the same, where a person has to look first. null: it has not ended so"`
	VideoID *uuid.UUID     `json:"video_id" format:"uuid" doc:"null: a task that belongs to no video"`
	UserID  string         `json:"user_id" example:"default"`
	Title   string         `json:"title" example:"Hello Ada" doc:"The video's"`
}

// JobFailure is why a job failed.
type JobFailure struct {
	Code    string `json:"code" example:"link_expired" doc:"HeyGen's own where HeyGen is the reason"`
	Message string `json:"message"`
}

// TransformSchema says that the failure may be null.
func (Job) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return orNull(s, "failure")
}

func showJob(j jobs.Job) Job {
	shown := Job{
		ID: j.ID, Kind: j.Kind, Queue: string(j.Queue), State: j.State, Attempt: j.Attempt, At: timeOrNull(j.At),
		UserID: j.UserID, Title: j.Title,
	}
	if j.Failure != nil {
		shown.Failure = &JobFailure{j.Failure.Code, j.Failure.Message}
	}
	if j.Way != "" {
		way := string(j.Way)
		shown.GoesOn = &way
	}
	if j.Video != uuid.Nil {
		shown.VideoID = &j.Video
	}
	return shown
}

// JobFilter says which jobs are meant.
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

func (f JobFilter) parsed() jobs.JobFilter {
	return jobs.JobFilter{
		IDs: f.IDs, State: f.State, Queue: f.Queue, Kind: f.Kind, Code: f.Error, UserID: f.User, Since: f.Since, Before: f.Before,
	}
}

// The number of jobs that a call looks at.
const (
	fewJobs  = 50
	mostJobs = 1000
)

// JobPlace is where a call goes on that others began.
type JobPlace struct {
	Limit int    `json:"limit,omitempty" minimum:"1" maximum:"1000" doc:"How many jobs this call looks at; default 1,000"`
	After string `json:"after,omitempty" doc:"The next of the call before; empty: from the beginning"`
}

func (p JobPlace) parsed() (limit int, after store.JobMark, err error) {
	if limit = p.Limit; limit == 0 {
		limit = mostJobs
	}
	after, err = parseMark(p.After)
	return limit, after, err
}

// markOf writes a place in a listing for the caller to give back.
func markOf(m store.JobMark) *string {
	if m.IsZero() {
		return nil
	}
	mark := fmt.Sprintf("%d.%s", m.At.UnixMicro(), m.ID)
	return &mark
}

func parseMark(text string) (store.JobMark, error) {
	if text == "" {
		return store.JobMark{}, nil
	}
	at, id, _ := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(at, 10, 64)
	if err == nil {
		var m store.JobMark
		if m.ID, err = uuid.Parse(id); err == nil {
			m.At = time.UnixMicro(micros).UTC()
			return m, nil
		}
	}
	return store.JobMark{}, fault.New(fault.Invalid, "this is no place to go on from").
		WithField("after", text, "is not the next of an earlier call; leave it out to begin at the newest")
}

// Bill is what renders will cost.
type Bill struct {
	Renders  int     `json:"renders" example:"12"`
	USD      float64 `json:"usd" example:"4.31" doc:"About, by the length of their scripts"`
	Unpriced int     `json:"unpriced" example:"0" doc:"Renders whose script nobody knows, as of a template; they are not in usd"`
}

// showBill rounds to a hundredth of a cent.
func showBill(b jobs.Bill) Bill {
	return Bill{b.Renders, math.Round(b.USD*1e4) / 1e4, b.Unpriced}
}

// JobGroup is how many jobs are alike.
type JobGroup struct {
	Queue   string `json:"queue" example:"download"`
	Kind    string `json:"kind" example:"video:download"`
	Error   string `json:"error" example:"link_expired" doc:"Empty: they have not failed"`
	GoesOn  string `json:"goes_on" example:"resume"`
	Skipped string `json:"skipped" doc:"Why they are left as they are; empty: they are not"`
	Jobs    int    `json:"jobs" example:"9800"`
}

func showGroups(list []jobs.JobGroup) []JobGroup {
	shown := make([]JobGroup, len(list))
	for i, g := range list {
		shown[i] = JobGroup{string(g.Queue), g.Kind, g.Code, string(g.Way), g.Skipped, g.Jobs}
	}
	return shown
}

// JobOutcome is what became of one job.
type JobOutcome struct {
	ID      string `json:"id" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	GoesOn  string `json:"goes_on,omitempty" example:"resume"`
	Note    string `json:"note,omitempty" doc:"What came of it"`
	Skipped string `json:"skipped,omitempty" doc:"Why it is left as it is; absent: it is not"`
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

func showChanged(r jobs.Report) ChangedJobs {
	shown := ChangedJobs{
		DryRun: r.DryRun, Done: r.Done, Skipped: r.Skipped, Groups: showGroups(r.Groups),
		Jobs: make([]JobOutcome, len(r.Jobs)), Next: markOf(r.Next), Missing: missing(r.Missing),
	}
	for i, o := range r.Jobs {
		shown.Jobs[i] = JobOutcome{o.ID, string(o.Way), o.Note, o.Skipped}
	}
	return shown
}

// missing says in a word why something is left out of an answer.
func missing(err error) string {
	if err == nil {
		return ""
	}
	return "Redis did not answer; what is in asynq's archive is not here"
}
