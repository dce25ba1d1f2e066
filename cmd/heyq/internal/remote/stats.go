package remote

import (
	"context"
	"net/http"
	"time"

	"heyq/internal/stats"
)

// Stats are the operations of the process that answers, and of all.
type Stats struct {
	Process ProcessStats `json:"process"`
	All     *AllStats    `json:"all"`
	Problem string       `json:"problem"` // why All is nil
}

// ProcessStats are those of the process that answers.
type ProcessStats struct {
	Since time.Time `json:"since"`
	stats.Summary
}

// AllStats are those of all processes.
type AllStats struct {
	Processes int `json:"processes"`
	stats.Summary
}

// Stats says what was done outside, and how long it took.
func (c *Client) Stats(ctx context.Context) (Stats, error) {
	var s Stats
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/stats"}, &s)
	return s, err
}
