package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/ttlcache"
	"heyq/operate/health"
	"heyq/wire"
)

// probeTimeout is how long a check may take.
const probeTimeout = 2 * time.Second

func healthOp() huma.Operation {
	return huma.Operation{
		OperationID: "health",
		Tags:        []string{healthTag},
		Summary:     "Is the process alive?",
		Description: "Always 200 while the process answers; it asks nothing else.",
	}
}

func readyOp() huma.Operation {
	return huma.Operation{
		OperationID: "ready",
		Tags:        []string{healthTag},
		Summary:     "Can it do its work?",
		Description: "Asks everything that heyq needs, once a second at most. 503 where any of it is unhealthy. Who shows the operator token is told where each thing is, and what is wrong with it.",
		Responses: map[string]*huma.Response{
			"200": answers("Healthy, or degraded", readyExample(wire.Healthy, "")),
			"503": answers("Unhealthy", readyExample(wire.Unhealthy, "the database did not answer")),
		},
	}
}

func readyExample(s wire.HealthStatus, reason string) wire.Readiness {
	well := wire.Health{Status: wire.Healthy, LatencyMS: 1.4}
	return wire.Readiness{Status: s, Checks: map[string]wire.Health{
		"store": {Status: s, Reason: reason, LatencyMS: 1.4}, "redis": well, "heygen": well, "media": well, "dispatcher": well, "scheduler": well, "disk": well,
	}}
}

type healthOutput struct {
	Status int
	Body   wire.Readiness
}

func (s *server) health(context.Context, *struct{}) (*healthOutput, error) {
	return &healthOutput{http.StatusOK, wire.Readiness{Status: wire.Healthy, Checks: map[string]wire.Health{}}}, nil
}

func (s *server) ready(ctx context.Context, _ *struct{}) (*healthOutput, error) {
	all := s.isReady(ctx)
	return &healthOutput{statusOf(all), all}, nil
}

// statusOf is the HTTP status of /readyz: 503 only if something is broken without which
// requests fail.
func statusOf(r wire.Readiness) int {
	if r.Status == wire.Unhealthy {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// readyLife is how long one answer is given again, however many probes and
// strangers ask: their requests must not load the parts that are checked.
const readyLife = time.Second

// readiness returns the function that answers /readyz. Reasons name hosts and paths, so
// only callers that known accepts are told them.
func readiness(checks []health.Check, known func(context.Context) bool) func(context.Context) wire.Readiness {
	all := ttlcache.New(readyLife, 2*probeTimeout, func(ctx context.Context) (wire.Readiness, error) { return Ready(ctx, checks), nil })
	return func(ctx context.Context) wire.Readiness {
		patient, cancel := context.WithTimeout(ctx, 2*probeTimeout)
		defer cancel()
		r, at := all.Get(patient)
		if at.IsZero() || time.Since(at) > 4*probeTimeout {
			r.Status = wire.Unhealthy // and hangs: Ready itself has a limit
		}
		if known == nil || known(ctx) {
			return r
		}
		bare := wire.Readiness{Status: r.Status, Checks: make(map[string]wire.Health, len(r.Checks))}
		for name, h := range r.Checks {
			bare.Checks[name] = wire.Health{Status: h.Status}
		}
		return bare
	}
}

// Ready runs all checks at once, for two seconds at most.
func Ready(ctx context.Context, checks []health.Check) wire.Readiness {
	all := wire.Readiness{Status: wire.Healthy, Checks: probe(ctx, checks)}
	for _, h := range all.Checks {
		switch {
		case h.Status == wire.Unhealthy:
			all.Status = wire.Unhealthy
		case h.Status == wire.Degraded && all.Status == wire.Healthy:
			all.Status = wire.Degraded
		}
	}
	return all
}

// probe runs all checks at once. Those that have given no answer in time are
// left to themselves.
func probe(ctx context.Context, checks []health.Check) map[string]wire.Health {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	type finding struct {
		name   string
		health wire.Health
	}
	findings := make(chan finding, len(checks))
	found := make(map[string]wire.Health, len(checks))
	for _, c := range checks {
		found[c.Name] = wire.Health{
			Status: cmp.Or(c.Silent, wire.Unhealthy), Reason: "gave no answer within " + probeTimeout.String(), LatencyMS: milliseconds(probeTimeout),
		}
		go func() {
			start := time.Now()
			h := c.Probe(ctx)
			if h.LatencyMS == 0 {
				h.LatencyMS = milliseconds(time.Since(start))
			}
			findings <- finding{c.Name, h}
		}()
	}
	for range checks {
		select {
		case f := <-findings:
			found[f.name] = f.health
		case <-ctx.Done():
			return found
		}
	}
	return found
}

// milliseconds are to the microsecond.
func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}
