package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
	"heyq/wire"
)

// Alerts tries the webhook that alerts go to. *alert.Watcher is one.
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
		Description: "What is wrong with this heyq, and what was lately, newest first. `ops:watch` makes a round once a minute; " +
			"what two rounds in a row find is an alert, and what two do not find any more has ended.",
		Responses: map[string]*huma.Response{"200": answers("The alerts", alertsExample)},
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

type alertsOutput struct{ Body wire.AlertList }

var alertsExample = wire.AlertList{
	Active: []wire.Alert{{
		ID: "0199b3a7-c2d4-7b1e-8f60-4a5b6c7d8e9f", Rule: "queue-age", Subject: "download",
		Summary:     "7 downloads are due and not taken up, the oldest for 12m (more than 10m)",
		Since:       time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC),
		StartSentAt: timeOrNull(time.Date(2030, 1, 2, 3, 5, 0, 0, time.UTC)),
	}},
	Ended: []wire.Alert{},
}

func (s *server) listAlerts(ctx context.Context, in *alertsInput) (*alertsOutput, error) {
	active, ended, err := s.store.Alerts(ctx, in.Ended)
	if err != nil {
		return nil, err
	}
	return &alertsOutput{wire.AlertList{Active: showAlerts(active), Ended: showAlerts(ended)}}, nil
}

func showAlerts(list []store.Alert) []wire.Alert {
	shown := make([]wire.Alert, len(list))
	for i, a := range list {
		shown[i] = wire.Alert{
			ID: a.ID.String(), Rule: a.Rule, Subject: a.Subject, Summary: a.Summary, Since: a.Since,
			EndedAt: timeOrNull(a.EndedAt), StartSentAt: timeOrNull(a.StartSentAt), EndSentAt: timeOrNull(a.EndSentAt), SendError: a.SendError,
		}
	}
	return shown
}

func (s *server) testAlerts(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, s.alerts.Test(ctx)
}
