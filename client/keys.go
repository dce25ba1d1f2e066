package client

import (
	"context"
	"net/http"

	"heyq/wire"
)

// Keys let programs in.
type Keys service

// Create makes a key. Its Secret is told this once.
func (s *Keys) Create(ctx context.Context, k wire.NewKey) (wire.MadeKey, error) {
	return call[wire.MadeKey](ctx, s.c, post("/v1/keys", k))
}

// List lists the keys that the caller sees, newest first.
func (s *Keys) List(ctx context.Context) ([]wire.Key, error) {
	answer, err := call[wire.KeyList](ctx, s.c, get("/v1/keys"))
	return answer.Keys, err
}

// Revoke ends a key for good.
func (s *Keys) Revoke(ctx context.Context, id string) (wire.Key, error) {
	return call[wire.Key](ctx, s.c, request{method: http.MethodDelete, path: at("/v1/keys/{}", id)})
}

// RevokePresent ends the key that the client shows, for good.
func (s *Keys) RevokePresent(ctx context.Context) (wire.Key, error) {
	return call[wire.Key](ctx, s.c, request{method: http.MethodDelete, path: "/v1/keys/present"})
}
