package sqlite

import "context"

// Lead runs fn at once: this process has the file, and so every lock, to
// itself.
func (s *Store) Lead(ctx context.Context, _ string, fn func(context.Context) error) error {
	return fn(ctx)
}
