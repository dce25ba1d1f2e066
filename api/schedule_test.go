package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"heyq/api"
	"heyq/internal/fault"

	"heyq/operate"
	"heyq/store"
)

// fakeSchedule knows two jobs, one of which runs.
type fakeSchedule struct{ err error }

func (f *fakeSchedule) List(context.Context) ([]operate.ScheduledJob, operate.SchedulerState, error) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	return []operate.ScheduledJob{
		{Name: "a:b", Every: time.Hour, State: operate.ScheduledRunning, NextAt: at, Last: &store.ScheduledRun{
			Name: "a:b", Run: 7, StartedAt: at, Duration: time.Second, Outcome: store.RunRunning,
		}},
		{Name: "c:d", Every: time.Minute, State: operate.ScheduledIdle},
	}, operate.SchedulerUnknown, f.err
}

func (f *fakeSchedule) Run(_ context.Context, name string) (int64, error) {
	switch name {
	case "a:b":
		return 0, fault.New(fault.Conflict, "a:b runs already")
	case "c:d":
		return 3, f.err
	}
	return 0, fault.New(fault.NotFound, "there is no scheduled job")
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	table := &fakeSchedule{}
	h := &house{Handler: api.New(api.Options{Schedule: table})}
	equal(t, "list", h.must(t, http.StatusOK, "GET", "/v1/schedule", "").body, `{"scheduler":"unknown","jobs":[`+
		`{"job":"a:b","every_seconds":3600,"state":"running","next_at":"2030-01-02T03:04:05Z","runs":7,`+
		`"last":{"started_at":"2030-01-02T03:04:05Z","duration_seconds":1,"outcome":"running","result":"","error":""},"succeeded_at":null},`+
		`{"job":"c:d","every_seconds":60,"state":"idle","next_at":null,"runs":0,"last":null,"succeeded_at":null}]}`+"\n")
	equal(t, "run", h.must(t, http.StatusAccepted, "POST", "/v1/schedule/c:d/run", "").body, `{"job":"c:d","runs":3}`+"\n")
	h.must(t, http.StatusConflict, "POST", "/v1/schedule/a:b/run", "").problem(t)
	h.must(t, http.StatusNotFound, "POST", "/v1/schedule/e:f/run", "").problem(t)
	table.err = fault.New(fault.Unavailable, "the database did not answer")
	h.must(t, http.StatusServiceUnavailable, "GET", "/v1/schedule", "").problem(t)
	h.must(t, http.StatusServiceUnavailable, "POST", "/v1/schedule/c:d/run", "").problem(t)
}
