package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
	"heyq/wire"
)

func jobOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-job",
		Tags:        []string{jobsTag},
		Summary:     "Get a job",
		Description: "One job in whatever state, with its video, with what operators did to it, and with what going on would cost.",
		Responses:   map[string]*huma.Response{"200": answers("The job", jobExample())},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type jobInput struct {
	ID string `path:"id" doc:"The job's id: a video's; or analysis:<video>, notification:<id>, task:<queue>:<task>"`
}

type jobOutput struct{ Body wire.JobDetails }

func (s *server) getJob(ctx context.Context, in *jobInput) (*jobOutput, error) {
	d, err := s.jobs.Show(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	shown := wire.JobDetails{Job: showJob(d.Job), Actions: make([]wire.JobAction, len(d.Actions)), WouldPay: showBill(d.Bill)}
	if d.Facts != nil {
		s.learn(ctx)
		facts := s.showDetails(*d.Facts)
		shown.Video = &facts
	}
	for i, a := range d.Actions {
		shown.Actions[i] = wire.JobAction{At: a.At.UTC(), Who: a.By.Who, RequestID: a.By.RequestID, Action: a.Verb, Outcome: a.Outcome}
	}
	return &jobOutput{shown}, nil
}

func jobExample() wire.JobDetails {
	video := wire.VideoDetails{Video: queuedExample(), Timeline: []wire.Event{{State: store.Failed, At: exampleAt.Add(10 * time.Minute)}}}
	video.State = store.Failed
	return wire.JobDetails{Job: showJob(expiredExample()), Video: &video, Actions: []wire.JobAction{
		{At: exampleAt, Who: "operator", RequestID: "4711", Action: store.RequeueJob, Outcome: "resumed"},
	}}
}
