package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
)

func jobOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-job",
		Tags:        []string{jobsTag},
		Summary:     "Get a job",
		Description: "One job in whatever state, with its video, with what operators did to it, and with what going on would cost.",
		Responses:   map[string]*huma.Response{"200": answerOf("The job", jobExample())},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type jobInput struct {
	ID string `path:"id" doc:"The job's id: a video's; or analysis:<video>, notification:<id>, task:<queue>:<task>"`
}

type jobOutput struct{ Body JobDetails }

// JobDetails is all that is known of a job.
type JobDetails struct {
	Job
	Video    *VideoDetails `json:"video" doc:"null: it belongs to none"`
	Actions  []JobAction   `json:"actions" nullable:"false" doc:"What was done to it, newest first; the last 20"`
	WouldPay Bill          `json:"would_pay" doc:"What is rendered, and paid, when it is queued again"`
}

// JobAction is what somebody did to a job.
type JobAction struct {
	At        time.Time  `json:"at"`
	Who       string     `json:"who" example:"operator"`
	RequestID string     `json:"request_id" doc:"Finds the line in heyq's log"`
	Action    store.Verb `json:"action" enum:"requeue,cancel,delete" example:"requeue"`
	Outcome   string     `json:"outcome" example:"resumed"`
}

// TransformSchema says what may be null.
func (JobDetails) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return orNull(s, "failure", "video")
}

func (s *server) getJob(ctx context.Context, in *jobInput) (*jobOutput, error) {
	d, err := s.board.Show(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	shown := JobDetails{Job: showJob(d.Job), Actions: make([]JobAction, len(d.Actions)), WouldPay: showBill(d.Bill)}
	if d.Facts != nil {
		facts := showDetails(*d.Facts)
		shown.Video = &facts
	}
	for i, a := range d.Actions {
		shown.Actions[i] = JobAction{a.At.UTC(), a.By.Who, a.By.RequestID, a.Verb, a.Outcome}
	}
	return &jobOutput{shown}, nil
}
