package remote

import (
	"context"
	"encoding/json"
	"net/http"
)

// Health is what a heyq says of what it needs.
type Health struct {
	Status string           `json:"status"`
	Checks map[string]Check `json:"checks"`
}

// Check is one of the things that it needs.
type Check struct {
	Status    string  `json:"status"`
	Reason    string  `json:"reason"`
	LatencyMS float64 `json:"latency_ms"`
}

// Health asks how the heyq is. One that is not well answers as well.
func (c *Client) Health(ctx context.Context) (Health, error) {
	var h Health
	r := request{method: http.MethodGet, path: "/readyz"}
	req, err := c.newRequest(ctx, r)
	if err != nil {
		return h, err
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return h, c.unreachable(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusServiceUnavailable {
		return h, c.refused(answer)
	}
	if err := json.NewDecoder(answer.Body).Decode(&h); err != nil {
		return h, c.garbled(err, r)
	}
	return h, nil
}

// Alive asks whether the process answers, and nothing of what it needs.
func (c *Client) Alive(ctx context.Context) (Health, error) {
	return Health{Status: "alive"}, c.call(ctx, request{method: http.MethodGet, path: "/healthz"}, nil)
}
