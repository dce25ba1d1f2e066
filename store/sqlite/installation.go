package sqlite

import (
	"context"

	"heyq/store"
	statements "heyq/store/sql"
)

// Installation returns whose database this is.
func (s *Snapshot) Installation(ctx context.Context) (store.Installation, error) {
	i, err := statements.Installation(ctx, func(ctx context.Context, steps ...statements.Step) error {
		return run(ctx, s.file, s.clock(), steps)
	})
	return i, explain(err, "read the installation's id")
}

// Settle has nothing to write: a file has no name that a copy of it would not have
// as well.
func (s *Store) Settle(context.Context) error { return nil }
