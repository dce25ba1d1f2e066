package remote

import (
	"context"
	"net/http"
	"time"
)

// Log is what the process that answers logs.
type Log struct {
	Level      string     `json:"level"`
	Configured string     `json:"configured"`
	Until      *time.Time `json:"until"` // nil: until it is changed
}

// LogChange changes what is logged.
type LogChange struct {
	Level string `json:"level"` // or configured
	For   string `json:"for,omitempty"`
}

// LogLevel returns what the process that answers logs.
func (c *Client) LogLevel(ctx context.Context) (l Log, err error) {
	err = c.call(ctx, request{method: http.MethodGet, path: "/v1/log"}, &l)
	return l, err
}

// ChangeLogLevel changes what is logged, and returns what the process that
// answers logs now.
func (c *Client) ChangeLogLevel(ctx context.Context, change LogChange) (l Log, err error) {
	err = c.call(ctx, request{method: http.MethodPut, path: "/v1/log", body: change}, &l)
	return l, err
}
