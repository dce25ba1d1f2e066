package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/latest"
)

// HealthStatus is how well something is.
type HealthStatus string

// The statuses, from good to bad.
const (
	Healthy   HealthStatus = "healthy"
	Degraded  HealthStatus = "degraded"  // works, though not as it should
	Unhealthy HealthStatus = "unhealthy" // requests that need it fail
)

// Health is what a check found.
type Health struct {
	Status HealthStatus `json:"status" enum:"healthy,degraded,unhealthy" example:"healthy"`
	Reason string       `json:"reason,omitempty" doc:"Where it is, or what is wrong; left out for who shows no token"`
	// LatencyMS is how long the answer took; of one that was asked before, then.
	LatencyMS float64 `json:"latency_ms,omitempty" doc:"How long the answer took, in milliseconds; left out for who shows no token" example:"1.4"`
}

// Check asks for the health of one thing that heyq needs. Probe should return
// when its context ends; one that does not is given up.
type Check struct {
	Name   string
	Probe  func(context.Context) Health
	Silent HealthStatus // what it is where it gives no answer in time; default Unhealthy
}

// probeTimeout is how long a check may take.
const probeTimeout = 2 * time.Second

func healthOp() huma.Operation {
	return huma.Operation{
		OperationID: "health",
		Tags:        []string{healthTag},
		Summary:     "Is the process alive?",
		Description: "Always 200 while the process answers; it asks nothing else.",
		Security:    openToAll,
	}
}

func readyOp() huma.Operation {
	return huma.Operation{
		OperationID: "ready",
		Tags:        []string{healthTag},
		Summary:     "Can it do its work?",
		Description: "Asks everything that heyq needs, once a second at most. 503 where any of it is unhealthy. Who shows the operator token is told where each thing is, and what is wrong with it.",
		Security:    openToAll,
		Responses: map[string]*huma.Response{
			"200": answerOf("Healthy, or degraded", readyExample(Healthy, "")),
			"503": answerOf("Unhealthy", readyExample(Unhealthy, "the database did not answer")),
		},
	}
}

type healthOutput struct {
	Status int
	Body   Readiness
}

// Readiness is the worst of all checks, and each of them.
type Readiness struct {
	Status HealthStatus      `json:"status" enum:"healthy,degraded,unhealthy" example:"healthy"`
	Checks map[string]Health `json:"checks"`
}

func (s *server) health(context.Context, *struct{}) (*healthOutput, error) {
	return &healthOutput{http.StatusOK, Readiness{Healthy, map[string]Health{}}}, nil
}

func (s *server) ready(ctx context.Context, _ *struct{}) (*healthOutput, error) {
	all := s.isReady(ctx)
	return &healthOutput{all.httpStatus(), all}, nil
}

// httpStatus is what probes look at: 503 only where requests fail.
func (r Readiness) httpStatus() int {
	if r.Status == Unhealthy {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// readyLife is how long an answer serves, whoever asks: probes, and strangers,
// must not become the load of what is asked.
const readyLife = time.Second

// readiness returns what answers /readyz. Reasons name hosts and paths, and are
// for who is known.
func readiness(checks []Check, known func(context.Context) bool) func(context.Context) Readiness {
	all := latest.New(readyLife, 2*probeTimeout, func(ctx context.Context) (Readiness, error) { return Ready(ctx, checks), nil })
	return func(ctx context.Context) Readiness {
		patient, cancel := context.WithTimeout(ctx, 2*probeTimeout)
		defer cancel()
		r, at := all.Get(patient)
		if at.IsZero() || time.Since(at) > 4*probeTimeout {
			r.Status = Unhealthy // and hangs: Ready itself has a limit
		}
		if known == nil || known(ctx) {
			return r
		}
		bare := Readiness{r.Status, make(map[string]Health, len(r.Checks))}
		for name, h := range r.Checks {
			bare.Checks[name] = Health{Status: h.Status}
		}
		return bare
	}
}

// Ready runs all checks at once, for two seconds at most.
func Ready(ctx context.Context, checks []Check) Readiness {
	all := Readiness{Healthy, probe(ctx, checks)}
	for _, h := range all.Checks {
		switch {
		case h.Status == Unhealthy:
			all.Status = Unhealthy
		case h.Status == Degraded && all.Status == Healthy:
			all.Status = Degraded
		}
	}
	return all
}

// probe runs all checks at once. Those that have given no answer in time are
// left to themselves.
func probe(ctx context.Context, checks []Check) map[string]Health {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	type finding struct {
		name   string
		health Health
	}
	findings := make(chan finding, len(checks))
	found := make(map[string]Health, len(checks))
	for _, c := range checks {
		found[c.Name] = Health{cmp.Or(c.Silent, Unhealthy), "gave no answer within " + probeTimeout.String(), milliseconds(probeTimeout)}
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
