package handlers

import (
	"context"
	"time"

	"heyq/store"
)

// Retention says how long what has ended is kept. Zero means for ever.
type Retention struct {
	Videos        store.Retention
	Notifications time.Duration
	Audit         time.Duration
	AtHeyGen      time.Duration // HeyGen's copy of a completed video
}

// inBatches calls forget until it finds no more, or ctx ends, and returns how
// many it forgot.
func inBatches(ctx context.Context, age time.Duration, forget func(context.Context, time.Duration) (int, error)) (forgot int, err error) {
	for age > 0 {
		n, err := forget(ctx, age)
		forgot += n
		if err != nil || n < store.RetentionBatch {
			return forgot, err
		}
	}
	return forgot, nil
}
