package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"heyq/wire"
)

// Turns is who gets how much of the render slots.
type Turns service

// List lists, by user, those for whom something was set, who wait, or who hold slots.
func (s *Turns) List(ctx context.Context, page, perPage int) (wire.TurnList, error) {
	r := get("/v1/turns")
	r.query = url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(perPage)}}
	return call[wire.TurnList](ctx, s.c, r)
}

// All goes through the turns as List lists them, of all pages.
func (s *Turns) All(ctx context.Context) iter.Seq2[wire.Turn, error] {
	return pages(ctx, s.c, "/v1/turns", nil, func(l wire.TurnList) ([]wire.Turn, wire.Pagination) { return l.Turns, l.Pagination })
}

// Set says how a user takes turns from now on, for what waits already as well. What t
// leaves out is as usual.
func (s *Turns) Set(ctx context.Context, user string, t wire.TurnChange) (wire.Turn, error) {
	return call[wire.Turn](ctx, s.c, request{method: http.MethodPut, path: at("/v1/turns/{}", user), body: t})
}
