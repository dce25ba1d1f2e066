package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
	"heyq/store"
)

func scheduleOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-schedule",
		Tags:        []string{scheduleTag},
		Summary:     "List the scheduled jobs",
		Description: "Each with its next run, and with its last one: when it began, how long it took and what came of it. " +
			"Where Redis does not answer, `scheduler` is `unknown` and so are the next runs.",
		Responses: map[string]*huma.Response{"200": answerOf("Every scheduled job", scheduleExample())},
		Errors:    []int{http.StatusServiceUnavailable},
	}
}

func runJobOp() huma.Operation {
	return huma.Operation{
		OperationID: "run-scheduled-job",
		Tags:        []string{scheduleTag},
		Summary:     "Run a scheduled job now",
		Description: "Enqueues it at once, though its time has not come; a worker runs it, and `GET /v1/schedule` tells what came of it. " +
			"One that waits for its next try after a failure is tried now. A 409 says that it runs or waits already.",
		DefaultStatus: http.StatusAccepted,
		Responses:     map[string]*huma.Response{"202": answerOf("It is enqueued", ScheduledStart{Job: jobs.StoreSweep.Name, Runs: 41})},
		Errors:        []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}
}

// Timetable is what the API asks about the scheduled jobs. *jobs.Timetable is one.
type Timetable interface {
	List(ctx context.Context) ([]jobs.ScheduledJob, jobs.SchedulerState, error)
	Run(ctx context.Context, name string) error
}

// Schedule lists the scheduled jobs.
type Schedule struct {
	Scheduler jobs.SchedulerState `json:"scheduler" enum:"running,absent,unknown" doc:"absent: nobody schedules, and nothing runs by itself"`
	Jobs      []ScheduledJob      `json:"jobs"`
}

// ScheduledJob is a job that heyq runs by itself, again and again.
type ScheduledJob struct {
	Job          string              `json:"job" example:"store:sweep"`
	EverySeconds float64             `json:"every_seconds" example:"3600"`
	State        jobs.ScheduledState `json:"state" enum:"idle,waiting,running"`
	NextAt       *time.Time          `json:"next_at" doc:"null: nobody schedules, or nobody knows"`
	Runs         int64               `json:"runs" doc:"How often it has begun" example:"41"`
	Last         *ScheduledRun       `json:"last" doc:"The last run, or the one that goes on; null: there was none"`
	SucceededAt  *time.Time          `json:"succeeded_at" doc:"When a run last succeeded; null: none ever has"`
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

// TransformSchema says of the last run that it may be null, which huma cannot say
// of a reference.
func (ScheduledJob) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return orNull(s, "last")
}

type scheduleOutput struct{ Body Schedule }

func (s *server) listSchedule(ctx context.Context, _ *struct{}) (*scheduleOutput, error) {
	list, scheduler, err := s.table.List(ctx)
	if err != nil {
		return nil, err
	}
	shown := Schedule{scheduler, make([]ScheduledJob, len(list))}
	for i, j := range list {
		shown.Jobs[i] = showScheduled(j)
	}
	return &scheduleOutput{shown}, nil
}

func showScheduled(j jobs.ScheduledJob) ScheduledJob {
	shown := ScheduledJob{Job: j.Name, EverySeconds: j.Every.Seconds(), State: j.State, NextAt: timeOrNull(j.NextAt)}
	if r := j.Last; r != nil {
		shown.Runs, shown.SucceededAt = r.Run, timeOrNull(r.SucceededAt)
		shown.Last = &ScheduledRun{r.StartedAt.UTC(), r.Duration.Seconds(), r.Outcome, r.Result, r.Error}
	}
	return shown
}

type runJobInput struct {
	Job string `path:"job" example:"store:sweep" doc:"The name of a scheduled job"`
}

type startOutput struct{ Body ScheduledStart }

func (s *server) runJob(ctx context.Context, in *runJobInput) (*startOutput, error) {
	list, _, err := s.table.List(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.table.Run(ctx, in.Job); err != nil {
		return nil, err
	}
	start := ScheduledStart{Job: in.Job}
	for _, j := range list {
		if j.Name == in.Job && j.Last != nil {
			start.Runs = j.Last.Run
		}
	}
	return &startOutput{start}, nil
}

func scheduleExample() Schedule {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	next := at.Add(time.Hour)
	return Schedule{jobs.SchedulerRunning, []ScheduledJob{{
		Job: jobs.StoreSweep.Name, EverySeconds: 3600, State: jobs.ScheduledIdle, NextAt: &next, Runs: 41, SucceededAt: &at,
		Last: &ScheduledRun{StartedAt: at, DurationSeconds: 0.42, Outcome: store.RunSucceeded, Result: "moved 12 orphaned folders"},
	}}}
}
