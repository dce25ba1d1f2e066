package remote

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Job is a unit of work as operators see it.
type Job struct {
	ID      string      `json:"id"`
	Kind    string      `json:"kind"` // of its task
	Queue   string      `json:"queue"`
	State   string      `json:"state"` // waiting, running, failed, completed or cancelled
	Attempt int         `json:"attempt"`
	At      *time.Time  `json:"at"` // when it failed, or was created; nil: nobody knows
	Failure *JobFailure `json:"failure"`
	GoesOn  string      `json:"goes_on"`  // how, when it is queued again; empty: it has not ended so
	VideoID string      `json:"video_id"` // empty: it belongs to none
	UserID  string      `json:"user_id"`
	Title   string      `json:"title"`
}

// JobFailure is why a job failed.
type JobFailure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// JobDetails is all that is known of a job.
type JobDetails struct {
	Job
	Video    *Video      `json:"video"`
	Actions  []JobAction `json:"actions"` // newest first
	WouldPay Bill        `json:"would_pay"`
}

// JobAction is what somebody did to a job.
type JobAction struct {
	At        time.Time `json:"at"`
	Who       string    `json:"who"`
	RequestID string    `json:"request_id"`
	Action    string    `json:"action"`
	Outcome   string    `json:"outcome"`
}

// Bill is what renders will cost.
type Bill struct {
	Renders  int     `json:"renders"`
	USD      float64 `json:"usd"`
	Unpriced int     `json:"unpriced"` // renders that are not in USD
}

// JobFilter says which jobs are meant.
type JobFilter struct {
	IDs    []string  `json:"ids,omitempty"`
	State  string    `json:"state,omitempty"`
	Queue  string    `json:"queue,omitempty"`
	Kind   string    `json:"kind,omitempty"`
	Error  string    `json:"error,omitempty"`
	User   string    `json:"user,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Before time.Time `json:"before,omitzero"`
}

// MostJobs is how many jobs a call looks at.
const MostJobs = 1000

// JobList is a page of jobs.
type JobList struct {
	Jobs    []Job      `json:"jobs"`
	Total   *int       `json:"total"` // nil: it is not the first page
	Groups  []JobGroup `json:"groups"`
	Next    string     `json:"next"`    // empty: that was all
	Missing string     `json:"missing"` // why asynq's archive is not in it
}

// JobGroup is how many jobs are alike.
type JobGroup struct {
	Queue   string `json:"queue"`
	Kind    string `json:"kind"`
	Error   string `json:"error"`
	GoesOn  string `json:"goes_on"`
	Skipped string `json:"skipped"` // why they are left as they are
	Jobs    int    `json:"jobs"`
}

// Jobs lists jobs, the newest first.
func (c *Client) Jobs(ctx context.Context, f JobFilter, after string, limit int) (JobList, error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	set := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	set("state", f.State)
	set("queue", f.Queue)
	set("kind", f.Kind)
	set("error", f.Error)
	set("user", f.User)
	set("after", after)
	for name, at := range map[string]time.Time{"since": f.Since, "before": f.Before} {
		if !at.IsZero() {
			query.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	var l JobList
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/jobs", query: query}, &l)
	return l, err
}

// Job returns one job.
func (c *Client) Job(ctx context.Context, id string) (JobDetails, error) {
	var d JobDetails
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/jobs/" + url.PathEscape(id)}, &d)
	return d, err
}

// JobsRequest says which jobs to change.
type JobsRequest struct {
	JobFilter
	DryRun bool   `json:"dry_run,omitempty"`
	Limit  int    `json:"limit,omitempty"`
	After  string `json:"after,omitempty"`

	// For a requeue that may render again: what somebody has confirmed.
	Rerender    bool    `json:"rerender,omitempty"`
	MostRenders int     `json:"most_renders,omitempty"`
	MostUSD     float64 `json:"most_usd,omitempty"`
}

// JobsChange is what a change of many jobs came to.
type JobsChange struct {
	DryRun       bool         `json:"dry_run"`
	Done         int          `json:"done"`
	Skipped      int          `json:"skipped"`
	Groups       []JobGroup   `json:"groups"`
	Jobs         []JobOutcome `json:"jobs"`
	Next         string       `json:"next,omitempty"` // empty: that was all
	Missing      string       `json:"missing,omitempty"`
	FirstRenders Bill         `json:"first_renders"`
	Rerenders    Bill         `json:"rerenders"`
}

// JobOutcome is what became of one job.
type JobOutcome struct {
	ID      string `json:"id"`
	GoesOn  string `json:"goes_on,omitempty"`
	Note    string `json:"note,omitempty"`
	Skipped string `json:"skipped,omitempty"`
}

// ChangeJobs does one thing to jobs: requeue, cancel or delete.
func (c *Client) ChangeJobs(ctx context.Context, verb string, r JobsRequest) (JobsChange, error) {
	var change JobsChange
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/jobs/" + verb, body: r}, &change)
	return change, err
}

// Add takes in what came of another call.
func (c *JobsChange) Add(more JobsChange) {
	c.Done, c.Skipped, c.Next = c.Done+more.Done, c.Skipped+more.Skipped, more.Next
	c.Jobs = append(c.Jobs, more.Jobs...)
	c.FirstRenders, c.Rerenders = c.FirstRenders.plus(more.FirstRenders), c.Rerenders.plus(more.Rerenders)
	if more.Missing != "" {
		c.Missing = more.Missing
	}
	for _, group := range more.Groups {
		i := slices.IndexFunc(c.Groups, func(g JobGroup) bool {
			g.Jobs = group.Jobs
			return g == group
		})
		if i < 0 {
			c.Groups = append(c.Groups, group)
			continue
		}
		c.Groups[i].Jobs += group.Jobs
	}
}

func (b Bill) plus(more Bill) Bill {
	return Bill{b.Renders + more.Renders, b.USD + more.USD, b.Unpriced + more.Unpriced}
}
