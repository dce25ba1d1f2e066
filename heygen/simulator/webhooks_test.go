package simulator_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

type webhook struct {
	EndpointID string `json:"endpoint_id"`
	URL        string
	Events     []string
	Status     string
	CreatedAt  time.Time `json:"created_at"`
	Secret     string
}

func TestWebhook_life(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	made := data[webhook](t, a.do("POST", "/v3/webhooks/endpoints", object{"url": "https://example.com/h", "events": []string{"avatar_video.success"}}))
	if made.Secret == "" || made.Status != "enabled" || made.CreatedAt.IsZero() {
		t.Errorf("made %+v", made)
	}
	shown := made
	shown.Secret = ""
	if diff := cmp.Diff([]webhook{shown}, get[[]webhook](a, "/v3/webhooks/endpoints")); diff != "" {
		t.Error(diff)
	}

	path := "/v3/webhooks/endpoints/" + made.EndpointID
	shown.URL = "http://127.0.0.1:9/h"
	if diff := cmp.Diff(shown, data[webhook](t, a.do("PATCH", path, object{"url": shown.URL}))); diff != "" {
		t.Error(diff)
	}
	shown.Events = nil // all
	if diff := cmp.Diff(shown, data[webhook](t, a.do("PATCH", path, `{"events":null}`))); diff != "" {
		t.Error(diff)
	}

	rotated := data[webhook](t, a.do("POST", path+"/rotate-secret", nil, idempotencyKey, "r"))
	if rotated.Secret == "" || rotated.Secret == made.Secret {
		t.Errorf("rotated %+v", rotated)
	}
	if again := data[webhook](t, a.do("POST", path+"/rotate-secret", nil, idempotencyKey, "r")); again.Secret != rotated.Secret {
		t.Error("a replayed rotation rotated again")
	}

	data[struct{}](t, a.do("DELETE", path, nil))
	for _, call := range [][2]string{{"DELETE", path}, {"PATCH", path}, {"POST", path + "/rotate-secret"}} {
		if got := refused(t, a.do(call[0], call[1], object{})); got != (refusal{404, "webhook_not_found", ""}) {
			t.Errorf("%v: %+v", call, got)
		}
	}
}

func TestWebhook_refuses(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for name, c := range map[string]struct {
		body  object
		param string
	}{
		"no url":        {object{}, "url"},
		"no link":       {object{"url": "example.com"}, "url"},
		"plain http":    {object{"url": "http://example.com/h"}, "url"},
		"unknown event": {object{"url": "https://example.com", "events": []string{"lunch"}}, "events.0"},
		"unknown field": {object{"url": "https://example.com", "secret": "x"}, "secret"},
	} {
		if got := refused(t, a.do("POST", "/v3/webhooks/endpoints", c.body)); got != (refusal{400, "invalid_parameter", c.param}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWebhook_events(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	types := get[[]struct {
		EventType   string `json:"event_type"`
		Description string
	}](a, "/v3/webhooks/event-types")
	if len(types) != 30 || types[0].Description == "" {
		t.Errorf("%d event types: %+v", len(types), types)
	}
	if r := a.do("GET", "/v3/webhooks/events?event_type=avatar_video.success", nil); r.body != `{"data":[],"has_more":false,"next_token":null}` {
		t.Errorf("history %s", r.body)
	}
	if got := refused(t, a.do("GET", "/v3/webhooks/events?event_type=lunch", nil)); got != (refusal{400, "invalid_parameter", "event_type"}) {
		t.Errorf("%+v", got)
	}
}
