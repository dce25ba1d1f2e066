package sqlite

import (
	"context"
	"database/sql"
)

// exec runs one statement in a transaction of its own.
func (s *Store) exec(ctx context.Context, statement string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		return change(ctx, tx, statement, []any{sql.Named("now", micros(s.clock()))}, nil)
	})
}
