package client

import (
	"context"
	"net/http"

	"heyq/wire"
)

// Limits are what users may do within a time.
type Limits service

// Get returns the limits that hold for a user: a user's id, or default for the holder of
// the operator token.
func (s *Limits) Get(ctx context.Context, user string) (wire.Limits, error) {
	return call[wire.Limits](ctx, s.c, get(at("/v1/limits/{}", user)))
}

// Set sets the limits of a user. What l leaves out is as usual.
func (s *Limits) Set(ctx context.Context, user string, l wire.LimitsChange) (wire.Limits, error) {
	return call[wire.Limits](ctx, s.c, request{method: http.MethodPut, path: at("/v1/limits/{}", user), body: l})
}
