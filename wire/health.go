package wire

// HealthStatus is how well something is.
type HealthStatus string

// The statuses, from good to bad.
const (
	Healthy   HealthStatus = "healthy"
	Degraded  HealthStatus = "degraded"  // works, though not as it should
	Unhealthy HealthStatus = "unhealthy" // requests that need it fail
)

// WorseThan compares two statuses.
func (s HealthStatus) WorseThan(other HealthStatus) bool {
	rank := map[HealthStatus]int{Healthy: 0, Degraded: 1, Unhealthy: 2}
	return rank[s] > rank[other]
}

// Readiness is the worst of all checks, and each of them.
type Readiness struct {
	Status HealthStatus      `json:"status" enum:"healthy,degraded,unhealthy" example:"healthy"`
	Checks map[string]Health `json:"checks"`
}

// Health is what a check found.
type Health struct {
	Status HealthStatus `json:"status" enum:"healthy,degraded,unhealthy" example:"healthy"`
	Reason string       `json:"reason,omitempty" doc:"Where it is, or what is wrong; left out for who shows no token"`
	// LatencyMS is how long the answer took; of one that was asked before, then.
	LatencyMS float64 `json:"latency_ms,omitempty" doc:"How long the answer took, in milliseconds; left out for who shows no token" example:"1.4"`
}
