package sqlite

import (
	"context"
	"time"
)

// Lead runs fn at once: this process has the file, and so every lock, to
// itself.
func (s *Store) Lead(ctx context.Context, _ string, fn func(context.Context) error) error {
	return fn(ctx)
}

// Now returns the store's time, which is this process's.
func (s *Store) Now(context.Context) (time.Time, error) { return s.clock(), nil }
