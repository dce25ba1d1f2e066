package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/heygen"
	"heyq/jobs"
	"heyq/operate"
	"heyq/operate/endpoint"
	"heyq/store"
)

// strange is a HeyGen that knows of nothing.
type strange struct{}

func (strange) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.WriteString(`{"error":{"code":"not_found","message":"Not found."}}`)
	return w.Result(), nil
}

// A client of the API is told what it can send, and not what could be typed in a shell.
func TestProblems_in_the_words_of_the_API(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	account, err := heygen.New(heygen.Options{BaseURL: "http://heygen", APIKey: "key", Transport: strange{}})
	if err != nil {
		t.Fatal(err)
	}
	h := open(t, func(o *api.Options) {
		s := o.Store.(store.Store)
		o.Jobs = operate.NewJobs(operate.JobsOptions{Store: s, Redis: client})
		o.Queues = operate.NewQueues(operate.QueuesOptions{Redis: client, Store: s, Meter: operate.NewMeter(client), Slots: 10})
		o.Schedule = operate.NewSchedule(client, s)
		o.Endpoints = endpoint.New(endpoint.Options{HeyGen: account.Webhooks, Store: s, Log: zerolog.Nop()})
	})
	h.must(t, http.StatusAccepted, "POST", "/v1/schedule/"+jobs.StoreSweep.Name+"/run", "")
	lost := h.completed(t)
	h.spoil(t, lost, "video.mp4", empty)
	none := uuid.NewString()
	for _, c := range []struct {
		status               int
		method, target, body string
		says                 string
	}{
		{http.StatusNotFound, "GET", "/v1/jobs/x", "", "GET /v1/jobs"},
		{http.StatusNotFound, "GET", "/v1/jobs/" + none, "", "GET /v1/jobs"},
		{http.StatusNotFound, "GET", "/v1/jobs/task:create:x", "", "GET /v1/jobs"},
		{http.StatusUnprocessableEntity, "POST", "/v1/jobs/requeue", `{"ids":["x"]}`, "GET /v1/jobs"},
		{http.StatusNotFound, "POST", "/v1/queues/x/pause", "", "the queues are"},
		{http.StatusNotFound, "POST", "/v1/schedule/store:swep/run", "", "did you mean store:sweep? List them with GET /v1/schedule"},
		{http.StatusConflict, "POST", "/v1/schedule/" + jobs.StoreSweep.Name + "/run", "", "waits for a worker already"},
		{http.StatusNotFound, "DELETE", "/v1/webhooks/heygen/x", "", "GET /v1/webhooks/heygen"},
		{http.StatusGone, "GET", "/v1/videos/" + lost.String() + "/file", "", "POST /v1/videos/" + lost.String() + "/refetch"},
		{http.StatusNotFound, "GET", "/v1/videos/" + none, "", "GET /v1/videos"},
	} {
		p := h.must(t, c.status, c.method, c.target, c.body).problem(t)
		if !strings.Contains(p.Detail, c.says) || strings.Contains(p.Detail, "heyq ") {
			t.Errorf("%s %s says %q, want %q and no command", c.method, c.target, p.Detail, c.says)
		}
		for _, e := range p.Errors {
			if strings.Contains(e.Message, "heyq ") {
				t.Errorf("%s %s says %q of %s", c.method, c.target, e.Message, e.Location)
			}
		}
	}
}
