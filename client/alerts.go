package client

import (
	"context"
	"net/url"
	"strconv"

	"heyq/wire"
)

// Alerts are what is wrong with a heyq.
type Alerts service

// List returns the alerts that are active, and up to ended of those that are over.
func (s *Alerts) List(ctx context.Context, ended int) (wire.AlertList, error) {
	r := get("/v1/alerts")
	r.query = url.Values{"ended": {strconv.Itoa(ended)}}
	return call[wire.AlertList](ctx, s.c, r)
}

// Test sends a message to where alerts go.
func (s *Alerts) Test(ctx context.Context) error {
	_, err := call[nothing](ctx, s.c, post("/v1/alerts/test", nil))
	return err
}
