package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/store"
)

// Alerts tries where alerts go. *alert.Watcher is one.
type Alerts interface {
	// Test sends a message. A fault.Invalid: there is nowhere to send it; a
	// fault.Unavailable: it was not taken.
	Test(ctx context.Context) error
}

func alertsOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-alerts",
		Tags:        []string{alertsTag},
		Summary:     "List alerts",
		Description: "What is wrong with this heyq, and what was lately, newest first. `ops:watch` looks once a minute; " +
			"what two looks in a row find is an alert, and what two do not find any more has ended.",
		Responses: map[string]*huma.Response{"200": answerOf("The alerts", alertsExample)},
		Errors:    []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

func testAlertsOp() huma.Operation {
	return huma.Operation{
		OperationID:   "test-alerts",
		Tags:          []string{alertsTag},
		Summary:       "Send a test message",
		Description:   "Sends a message to where alerts go (`HEYQ_ALERT_WEBHOOK`). A 503 says why it did not arrive.",
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

type alertsInput struct {
	Ended int `query:"ended" default:"20" minimum:"0" maximum:"1000" doc:"How many of those that have ended to list"`
}

type alertsOutput struct{ Body AlertList }

// AlertList is what is wrong, and what was.
type AlertList struct {
	Active []Alert `json:"active" nullable:"false"`
	Ended  []Alert `json:"ended" nullable:"false"`
}

// Alert is something that is, or was, wrong.
type Alert struct {
	ID          uuid.UUID  `json:"id" format:"uuid"`
	Rule        string     `json:"rule" doc:"A section of docs/operations.md has its name" example:"queue-age"`
	Subject     string     `json:"subject" doc:"Which of several; empty: there is only one" example:"download"`
	Summary     string     `json:"summary" doc:"What is wrong, with its figure, as it was last seen"`
	Since       time.Time  `json:"since"`
	EndedAt     *time.Time `json:"ended_at" doc:"null: it is still wrong"`
	StartSentAt *time.Time `json:"start_sent_at" doc:"null: nobody was told of its start yet"`
	EndSentAt   *time.Time `json:"end_sent_at" doc:"null: nobody was told of its end yet"`
	SendError   string     `json:"send_error" doc:"Why the last message could not be sent; empty: it was"`
}

var alertsExample = AlertList{
	Active: []Alert{{
		ID: uuid.MustParse("0199b3a7-c2d4-7b1e-8f60-4a5b6c7d8e9f"), Rule: "queue-age", Subject: "download",
		Summary:     "7 downloads are due and not taken up, the oldest for 12m (more than 10m)",
		Since:       time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC),
		StartSentAt: timeOrNull(time.Date(2030, 1, 2, 3, 5, 0, 0, time.UTC)),
	}},
	Ended: []Alert{},
}

func (s *server) listAlerts(ctx context.Context, in *alertsInput) (*alertsOutput, error) {
	active, ended, err := s.store.Alerts(ctx, in.Ended)
	if err != nil {
		return nil, err
	}
	return &alertsOutput{AlertList{showAlerts(active), showAlerts(ended)}}, nil
}

func showAlerts(list []store.Alert) []Alert {
	shown := make([]Alert, len(list))
	for i, a := range list {
		shown[i] = Alert{
			a.ID, a.Rule, a.Subject, a.Summary, a.Since,
			timeOrNull(a.EndedAt), timeOrNull(a.StartSentAt), timeOrNull(a.EndSentAt), a.SendError,
		}
	}
	return shown
}

func (s *server) testAlerts(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, s.alerts.Test(ctx)
}
