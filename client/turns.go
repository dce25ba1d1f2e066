package client

import (
	"context"
	"net/http"

	"heyq/wire"
)

// Turns is who gets how much of the render slots.
type Turns service

// List lists, by user, those for whom something was set, who wait, or who hold slots.
func (s *Turns) List(ctx context.Context) (wire.TurnList, error) {
	return call[wire.TurnList](ctx, s.c, get("/v1/turns"))
}

// Set says how a user takes turns from now on, for what waits already as well. What t
// leaves out is as usual.
func (s *Turns) Set(ctx context.Context, user string, t wire.TurnChange) (wire.Turn, error) {
	return call[wire.Turn](ctx, s.c, request{method: http.MethodPut, path: at("/v1/turns/{}", user), body: t})
}
