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

// Listen hears nothing: no other program writes the file, and this process wakes its
// dispatcher itself.
func (s *Store) Listen(ctx context.Context, heard func()) error {
	heard()
	<-ctx.Done()
	return ctx.Err()
}

// Tell does nothing: see Listen.
func (s *Store) Tell(context.Context) error { return nil }

// Now returns the store's time, which is this process's.
func (s *Store) Now(context.Context) (time.Time, error) { return s.clock(), nil }
