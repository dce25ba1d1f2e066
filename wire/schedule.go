package wire

import (
	"time"

	"heyq/store"
)

// Schedule lists the scheduled jobs.
type Schedule struct {
	Scheduler string         `json:"scheduler" enum:"running,absent,unknown" doc:"absent: no scheduler runs, and nothing runs by itself"`
	Jobs      []ScheduledJob `json:"jobs"`
}

// ScheduledJob is a job that heyq runs by itself, again and again.
type ScheduledJob struct {
	Job          string        `json:"job" example:"store:sweep"`
	EverySeconds float64       `json:"every_seconds" example:"3600"`
	State        string        `json:"state" enum:"idle,waiting,running"`
	NextAt       *time.Time    `json:"next_at" doc:"null: no scheduler runs, or it is not known"`
	Runs         int64         `json:"runs" doc:"How often it has begun" example:"41"`
	Last         *ScheduledRun `json:"last" doc:"The last run, or the one that goes on; null: there was none"`
	SucceededAt  *time.Time    `json:"succeeded_at" doc:"When a run last succeeded; null: none ever has"`
}

// ScheduledRun is one run of a scheduled job.
type ScheduledRun struct {
	StartedAt       time.Time        `json:"started_at"`
	DurationSeconds float64          `json:"duration_seconds" doc:"So far, while it runs" example:"0.42"`
	Outcome         store.RunOutcome `json:"outcome" enum:"running,succeeded,failed,interrupted" doc:"interrupted: its process stopped; the next run goes on"`
	Result          string           `json:"result" doc:"What it did; empty: nothing" example:"moved 12 orphaned folders"`
	Error           string           `json:"error" doc:"Why it failed; empty unless it did"`
}

// ScheduledStart says that a job was enqueued.
type ScheduledStart struct {
	Job  string `json:"job" example:"store:sweep"`
	Runs int64  `json:"runs" doc:"How often it had begun before" example:"41"`
}
