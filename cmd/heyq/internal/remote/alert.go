package remote

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// AlertList is what is wrong with a heyq, and what was.
type AlertList struct {
	Active []Alert `json:"active"`
	Ended  []Alert `json:"ended"`
}

// Alert is something that is, or was, wrong.
type Alert struct {
	ID          string     `json:"id"`
	Rule        string     `json:"rule"`
	Subject     string     `json:"subject"` // empty: there is only one
	Summary     string     `json:"summary"`
	Since       time.Time  `json:"since"`
	EndedAt     *time.Time `json:"ended_at"`      // nil: it is still wrong
	StartSentAt *time.Time `json:"start_sent_at"` // nil: nobody was told yet
	EndSentAt   *time.Time `json:"end_sent_at"`
	SendError   string     `json:"send_error"` // empty: the last message was sent
}

// Alerts lists what is wrong, and up to ended of what was.
func (c *Client) Alerts(ctx context.Context, ended int) (AlertList, error) {
	var list AlertList
	query := url.Values{"ended": {strconv.Itoa(ended)}}
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/alerts", query: query}, &list)
	return list, err
}

// TestAlerts sends a message to where alerts go.
func (c *Client) TestAlerts(ctx context.Context) error {
	return c.call(ctx, request{method: http.MethodPost, path: "/v1/alerts/test"}, nil)
}
