package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"heyq/internal/testkit"
	"heyq/wire"
)

// answeringHealth serves one answer to everything, and returns the environment
// in which commands find it.
func answeringHealth(t *testing.T, status int, body string) []string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return []string{"HEYQ_URL=" + server.URL}
}

func TestReady(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		body   string
		args   []string
		code   int
		words  []string
	}{
		{"well", 200, `{"status":"healthy","checks":{"store":{"status":"healthy"}}}`, nil, 0, []string{"heyq is healthy", "store"}},
		{"not as it should be", 200, `{"status":"degraded","checks":{"redis":{"status":"degraded","reason":"slow"}}}`, nil, 0, []string{"heyq is degraded", "slow"}},
		{
			"unwell", 503, `{"status":"unhealthy","checks":{"store":{"status":"unhealthy","reason":"away"},"media":{"status":"healthy"}}}`, nil,
			5,
			[]string{"heyq cannot do its work", "store: unhealthy: away"},
		},
		{"alive", 200, `ok`, []string{"--alive"}, 0, []string{"heyq is alive"}},
		{"no heyq", 200, `<html>`, nil, 5, []string{"cannot be read", "is that a heyq?"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			heyq(t, answeringHealth(t, test.status, test.body), append([]string{"ready"}, test.args...)...).want(t, test.code, test.words...)
		})
	}
	heyq(t, []string{"HEYQ_URL=http://127.0.0.1:1"}, "ready").want(t, 5, "no heyq answers at http://127.0.0.1:1")
}

func TestReady_of_a_heyq(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	// A check that does not answer in its time makes heyq degraded for a moment.
	testkit.Eventually(t, func() error {
		got := decode[wire.Readiness](t, heyq(t, environ, "ready", "--json", "--wait", "3m").wantOK(t))
		if got.Status != "healthy" || got.Checks["store"].Status != "healthy" {
			return fmt.Errorf("it is %+v", got)
		}
		return nil
	})
	heyq(t, environ, "ready", "--alive").wantOK(t)
}

// --wait outlasts a heyq that is still starting.
func TestReady_waits(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"status":"unhealthy","checks":{"store":{"status":"unhealthy","reason":"away"}}}`))
			return
		}
		_, _ = w.Write([]byte(`{"status":"healthy"}`))
	}))
	t.Cleanup(server.Close)
	heyq(t, []string{"HEYQ_URL=" + server.URL}, "ready", "--wait", "1m").wantOK(t)
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times, want 3", n)
	}
}
