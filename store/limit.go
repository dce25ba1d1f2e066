package store

import (
	"context"
	"time"
)

// Limit is how much of something a user may do: so much at once after a quiet time, and
// as much in each period from then on, evenly.
type Limit struct {
	Amount int
	Period time.Duration // in whole seconds
}

// Limits are what users may do within a time.
type Limits interface {
	// Limits returns what was set for a user, by action. What was not is as usual.
	Limits(ctx context.Context, user string) (map[string]Limit, error)
	// SetLimits sets the limits of a user, by action. What is not among them is as usual
	// from then on.
	SetLimits(ctx context.Context, user string, limits map[string]Limit) error
}
