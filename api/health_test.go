package api_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"heyq/api"
	"heyq/operate/health"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

type readiness struct {
	Status string
	Checks map[string]wire.Health
}

func check(name string, status wire.HealthStatus, reason string) health.Check {
	return health.Check{Name: name, Probe: func(context.Context) wire.Health { return wire.Health{Status: status, Reason: reason} }}
}

// withoutLatency takes out what differs each time, and must be there.
func withoutLatency(t *testing.T, r readiness) readiness {
	t.Helper()
	for name, h := range r.Checks {
		if h.LatencyMS < 0 || h.LatencyMS > 10_000 {
			t.Errorf("%s took %v ms", name, h.LatencyMS)
		}
		h.LatencyMS = 0
		r.Checks[name] = h
	}
	return r
}

func TestReady(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		checks []health.Check
		status int
		want   readiness
	}{
		{"nothing to ask", nil, 200, readiness{"healthy", map[string]wire.Health{}}},
		{"all well", []health.Check{check("store", wire.Healthy, ""), check("redis", wire.Healthy, "")}, 200, readiness{
			"healthy", map[string]wire.Health{"store": {Status: "healthy"}, "redis": {Status: "healthy"}},
		}},
		{"one ails", []health.Check{check("store", wire.Healthy, ""), check("heygen", wire.Degraded, "slow")}, 200, readiness{
			"degraded", map[string]wire.Health{"store": {Status: "healthy"}, "heygen": {Status: "degraded", Reason: "slow"}},
		}},
		{"one is down", []health.Check{check("store", wire.Unhealthy, "away"), check("heygen", wire.Degraded, "slow")}, 503, readiness{
			"unhealthy", map[string]wire.Health{"store": {Status: "unhealthy", Reason: "away"}, "heygen": {Status: "degraded", Reason: "slow"}},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := &house{Handler: api.New(api.Options{Checks: c.checks})}
			var got readiness
			h.must(t, c.status, "GET", "/readyz", "").decode(t, &got)
			equal(t, "answer", withoutLatency(t, got), c.want)
		})
	}
}

// A check that hangs, whatever its context says, does not hang the answer.
func TestReady_check_that_hangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		t.Cleanup(func() { close(release) })
		h := &house{Handler: api.New(api.Options{Checks: []health.Check{
			check("store", wire.Healthy, ""),
			{Name: "redis", Probe: func(context.Context) wire.Health { <-release; return wire.Health{Status: wire.Healthy} }},
			{Name: "heygen", Silent: wire.Degraded, Probe: func(context.Context) wire.Health { <-release; return wire.Health{Status: wire.Healthy} }},
		}})}
		var got readiness
		start := time.Now()
		h.must(t, http.StatusServiceUnavailable, "GET", "/readyz", "").decode(t, &got)
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("the answer came after %s, want 2s", took)
		}
		equal(t, "answer", withoutLatency(t, got), readiness{"unhealthy", map[string]wire.Health{
			"store": {Status: "healthy"}, "redis": {Status: "unhealthy", Reason: "gave no answer within 2s"},
			"heygen": {Status: "degraded", Reason: "gave no answer within 2s"},
		}})
	})
}

// The process is alive even if nothing that it needs is.
func TestHealth(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{Checks: []health.Check{check("store", wire.Unhealthy, "away")}})}
	equal(t, "answer", h.must(t, http.StatusOK, "GET", "/healthz", "").body, `{"status":"healthy","checks":{}}`+"\n")
}

// What was asked before keeps the time that it took then.
func TestReady_latency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := api.Ready(t.Context(), []health.Check{
			{Name: "heygen", Probe: func(context.Context) wire.Health { return wire.Health{Status: wire.Healthy, LatencyMS: 321.5} }},
			{Name: "store", Probe: func(context.Context) wire.Health {
				time.Sleep(5 * time.Millisecond)
				return wire.Health{Status: wire.Healthy}
			}},
		})
		if got.Checks["heygen"].LatencyMS != 321.5 || got.Checks["store"].LatencyMS != 5 {
			t.Errorf("got %+v", got)
		}
	})
}

// A process without the API answers its probes as one with it does.
func TestProbe(t *testing.T) {
	t.Parallel()
	sick := []health.Check{check("store", wire.Unhealthy, "away")}
	h := &house{Handler: api.NewProbe(api.ProbeOptions{Checks: sick})}
	equal(t, "alive", h.must(t, http.StatusOK, "GET", "/healthz", "").body, `{"status":"healthy","checks":{}}`+"\n")
	var got readiness
	h.must(t, http.StatusServiceUnavailable, "GET", "/readyz", "").decode(t, &got)
	equal(t, "ready", withoutLatency(t, got), readiness{"unhealthy", map[string]wire.Health{"store": {Status: "unhealthy", Reason: "away"}}})
	h.must(t, http.StatusNotFound, "GET", "/metrics", "")
	h.must(t, http.StatusNotFound, "GET", "/v1/videos", "")

	h = &house{Handler: api.NewProbe(api.ProbeOptions{Metrics: http.RedirectHandler("/", http.StatusFound)})}
	h.must(t, http.StatusFound, "GET", "/metrics", "")
}

// Hosts and paths are not for strangers, whose probes need the status alone.
func TestReady_tells_strangers_no_reasons(t *testing.T) {
	t.Parallel()
	type key struct{}
	known := func(ctx context.Context) bool { return ctx.Value(key{}) != nil }
	checks := []health.Check{check("store", wire.Unhealthy, "postgres://ada@db.internal does not answer"), check("media", wire.Healthy, "file:///srv/media")}
	for name, handler := range map[string]http.Handler{
		"api": api.New(api.Options{Checks: checks, Caller: func(ctx context.Context) people.Caller {
			if known(ctx) {
				return people.Owner()
			}
			return people.Caller{User: "ada", Role: store.RoleMember} // a user is told no more than a stranger
		}}),
		"probe": api.NewProbe(api.ProbeOptions{Checks: checks, Known: known}),
	} {
		stranger := &house{Handler: handler}
		equal(t, name, stranger.must(t, 503, "GET", "/readyz", "").body,
			`{"status":"unhealthy","checks":{"media":{"status":"healthy"},"store":{"status":"unhealthy"}}}`+"\n")
		operator := &house{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, true)))
		})}
		var got readiness
		operator.must(t, 503, "GET", "/readyz", "").decode(t, &got)
		if got.Checks["store"].Reason != "postgres://ada@db.internal does not answer" {
			t.Errorf("%s: an operator is told %+v", name, got)
		}
	}
}

// However many probes ask, what they ask for is looked at once a second.
func TestReady_asks_once_a_second(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		h := &house{Handler: api.NewProbe(api.ProbeOptions{Checks: []health.Check{{Name: "store", Probe: func(context.Context) wire.Health {
			asked++
			return wire.Health{Status: wire.Healthy}
		}}}})}
		const seconds = 10
		for range seconds * 10 {
			h.must(t, 200, "GET", "/readyz", "")
			time.Sleep(100 * time.Millisecond)
		}
		if asked > seconds {
			t.Errorf("the store was asked %d times in %d s", asked, seconds)
		}
	})
}
