package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
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
	Reason string       `json:"reason" doc:"Empty where all is well"`
}

// Check asks for the health of one thing that the API needs. Probe should
// return when its context ends; one that does not is given up as unhealthy.
type Check struct {
	Name  string
	Probe func(context.Context) Health
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
		Description: "Asks everything that heyq needs. 503 where any of it is unhealthy.",
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
	all := Readiness{Healthy, s.probe(ctx)}
	status := http.StatusOK
	for _, h := range all.Checks {
		switch {
		case h.Status == Unhealthy:
			all.Status, status = Unhealthy, http.StatusServiceUnavailable
		case h.Status == Degraded && all.Status == Healthy:
			all.Status = Degraded
		}
	}
	return &healthOutput{status, all}, nil
}

// probe runs all checks at once.
func (s *server) probe(ctx context.Context) map[string]Health {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	type finding struct {
		name   string
		health Health
	}
	findings := make(chan finding, len(s.checks))
	found := make(map[string]Health, len(s.checks))
	for _, c := range s.checks {
		found[c.Name] = Health{Unhealthy, "gave no answer within " + probeTimeout.String()}
		go func() { findings <- finding{c.Name, c.Probe(ctx)} }()
	}
	for range s.checks {
		select {
		case f := <-findings:
			found[f.name] = f.health
		case <-ctx.Done():
			return found
		}
	}
	return found
}
