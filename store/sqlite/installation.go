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

// Settle does nothing: nothing in a file of SQLite could tell it from its copy.
func (s *Store) Settle(context.Context) error { return nil }
