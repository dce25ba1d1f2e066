package remote

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Schedule lists the scheduled jobs.
type Schedule struct {
	Scheduler string         `json:"scheduler"` // running, absent or unknown
	Jobs      []ScheduledJob `json:"jobs"`
}

// ScheduledJob is a job that heyq runs by itself, again and again.
type ScheduledJob struct {
	Job          string        `json:"job"`
	EverySeconds float64       `json:"every_seconds"`
	State        string        `json:"state"`   // idle, waiting or running
	NextAt       *time.Time    `json:"next_at"` // nil: nobody schedules, or nobody knows
	Runs         int64         `json:"runs"`    // how often it has begun
	Last         *ScheduledRun `json:"last"`    // nil: it has never begun
	SucceededAt  *time.Time    `json:"succeeded_at"`
}

// ScheduledRun is one run of a scheduled job.
type ScheduledRun struct {
	StartedAt       time.Time `json:"started_at"`
	DurationSeconds float64   `json:"duration_seconds"`
	Outcome         string    `json:"outcome"` // running, succeeded, failed or interrupted
	Result          string    `json:"result"`
	Error           string    `json:"error"`
}

// ScheduledStart says that a job was enqueued.
type ScheduledStart struct {
	Job  string `json:"job"`
	Runs int64  `json:"runs"` // how often it had begun before
}

// Schedule returns every scheduled job.
func (c *Client) Schedule(ctx context.Context) (Schedule, error) {
	var s Schedule
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/schedule"}, &s)
	return s, err
}

// RunJob has a scheduled job run now.
func (c *Client) RunJob(ctx context.Context, job string) (ScheduledStart, error) {
	var s ScheduledStart
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/schedule/" + url.PathEscape(job) + "/run"}, &s)
	return s, err
}
