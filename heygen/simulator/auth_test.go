package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"heyq/heygen/simulator"
)

// The bytes that HeyGen's live API answered for a missing and for a wrong key.
const unauthorized = `{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}`

func TestKey(t *testing.T) {
	t.Parallel()
	chosen := start(t, simulator.Options{APIKey: "secret"})
	anyKey := start(t, simulator.Options{})
	for _, c := range []struct {
		name    string
		account *account
		headers []string
		status  int
	}{
		{"right", chosen, []string{"X-Api-Key", "secret"}, 200},
		{"bearer", chosen, []string{"X-Api-Key", "", "Authorization", "Bearer secret"}, 200},
		{"wrong", chosen, []string{"X-Api-Key", "other"}, 401},
		{"missing", chosen, []string{"X-Api-Key", ""}, 401},
		{"any", anyKey, nil, 200},
		{"none where any will do", anyKey, []string{"X-Api-Key", ""}, 401},
		{"empty bearer", anyKey, []string{"X-Api-Key", "", "Authorization", "Bearer "}, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.account.do("GET", "/v3/users/me", nil, c.headers...)
			if r.status != c.status {
				t.Errorf("status %d, want %d", r.status, c.status)
			}
			if c.status == http.StatusUnauthorized && r.body != unauthorized {
				t.Errorf("body %s", r.body)
			}
		})
	}
}

func TestKey_everywhere(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for _, path := range []string{
		"/v3/videos", "/v3/videos/statuses", "/v3/videos/x", "/v3/templates", "/v3/templates/template_1", "/v3/avatars", "/v3/avatars/looks",
		"/v3/voices", "/v3/users/me", "/v3/webhooks/endpoints", "/v3/webhooks/event-types", "/v3/webhooks/events", "/v3/nothing",
	} {
		if r := a.do("GET", path, nil, "X-Api-Key", ""); r.body != unauthorized || r.status != 401 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

func TestKey_scopes(t *testing.T) {
	t.Parallel()
	expires := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	a := start(t, simulator.Options{Scopes: []string{"videos:write", "templates:read"}, KeyExpires: expires})
	for call, status := range map[[2]string]int{
		{"POST", "/v3/videos"}:            200,
		{"GET", "/v3/videos"}:             403,
		{"GET", "/v3/templates"}:          200,
		{"POST", "/v3/templates/x"}:       403,
		{"GET", "/v3/users/me"}:           403,
		{"GET", "/v3/api_keys/self"}:      200,
		{"GET", "/v3/webhooks/endpoints"}: 403,
	} {
		if r := a.do(call[0], call[1], avatar("x")); r.status != status {
			t.Errorf("%v: %d %s", call, r.status, r.body)
		}
	}
	const self = `{"data":{"name":"simulated","scopes":["videos:write","templates:read"],"expires_at":"2027-01-02T03:04:05Z"}}`
	if r := a.do("GET", "/v3/api_keys/self", nil); r.body != self {
		t.Errorf("%s", r.body)
	}
	if r := start(t, simulator.Options{}).do("GET", "/v3/api_keys/self", nil); r.body != `{"data":{"name":"simulated","scopes":["*"],"expires_at":null}}` {
		t.Errorf("a key that may do everything: %s", r.body)
	}
}

func TestUnknownEndpoint(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for _, call := range [][2]string{{"GET", "/v3/nothing"}, {"PUT", "/v3/videos"}} {
		if got := refused(t, a.do(call[0], call[1], nil)); got != (refusal{404, "not_found", ""}) {
			t.Errorf("%v: %+v", call, got)
		}
	}
}
