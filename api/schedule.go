package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
	"heyq/wire"
)

func scheduleOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-schedule",
		Tags:        []string{scheduleTag},
		Summary:     "List the scheduled jobs",
		Description: "Each with its next run, and with its last one: when it began, how long it took and what came of it. " +
			"Where Redis does not answer, `scheduler` is `unknown` and so are the next runs.",
		Responses: map[string]*huma.Response{"200": answers("Every scheduled job", scheduleExample())},
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
		Responses:     map[string]*huma.Response{"202": answers("It is enqueued", wire.ScheduledStart{Job: jobs.StoreSweep.Name, Runs: 41})},
		Errors:        []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}
}

// Schedule is what the API asks about the scheduled jobs. *operate.Schedule is one.
type Schedule interface {
	List(ctx context.Context) ([]operate.ScheduledJob, operate.SchedulerState, error)
	Run(ctx context.Context, name string) (runs int64, err error)
}

type scheduleOutput struct{ Body wire.Schedule }

func (s *server) listSchedule(ctx context.Context, _ *struct{}) (*scheduleOutput, error) {
	list, scheduler, err := s.schedule.List(ctx)
	if err != nil {
		return nil, err
	}
	shown := wire.Schedule{Scheduler: string(scheduler), Jobs: make([]wire.ScheduledJob, len(list))}
	for i, j := range list {
		shown.Jobs[i] = showScheduled(j)
	}
	return &scheduleOutput{shown}, nil
}

func showScheduled(j operate.ScheduledJob) wire.ScheduledJob {
	shown := wire.ScheduledJob{Job: j.Name, EverySeconds: j.Every.Seconds(), State: string(j.State), NextAt: timeOrNull(j.NextAt)}
	if r := j.Last; r != nil {
		shown.Runs, shown.SucceededAt = r.Run, timeOrNull(r.SucceededAt)
		shown.Last = &wire.ScheduledRun{
			StartedAt: r.StartedAt.UTC(), DurationSeconds: r.Duration.Seconds(), Outcome: r.Outcome, Result: r.Result, Error: r.Error,
		}
	}
	return shown
}

type runJobInput struct {
	Job string `path:"job" example:"store:sweep" doc:"The name of a scheduled job"`
}

type startOutput struct{ Body wire.ScheduledStart }

func (s *server) runJob(ctx context.Context, in *runJobInput) (*startOutput, error) {
	runs, err := s.schedule.Run(ctx, in.Job)
	if err != nil {
		return nil, err
	}
	return &startOutput{wire.ScheduledStart{Job: in.Job, Runs: runs}}, nil
}

func scheduleExample() wire.Schedule {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	next := at.Add(time.Hour)
	return wire.Schedule{Scheduler: string(operate.SchedulerRunning), Jobs: []wire.ScheduledJob{{
		Job: jobs.StoreSweep.Name, EverySeconds: 3600, State: string(operate.ScheduledIdle), NextAt: &next, Runs: 41, SucceededAt: &at,
		Last: &wire.ScheduledRun{StartedAt: at, DurationSeconds: 0.42, Outcome: store.RunSucceeded, Result: "moved 12 orphaned folders"},
	}}}
}
