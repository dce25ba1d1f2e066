package client

import (
	"context"

	"heyq/wire"
)

// Schedule is what a heyq does by itself.
type Schedule service

// List returns every scheduled job.
func (s *Schedule) List(ctx context.Context) (wire.Schedule, error) {
	return call[wire.Schedule](ctx, s.c, get("/v1/schedule"))
}

// Run has a scheduled job run now.
func (s *Schedule) Run(ctx context.Context, job string) (wire.ScheduledStart, error) {
	return call[wire.ScheduledStart](ctx, s.c, post(at("/v1/schedule/{}/run", job), nil))
}
