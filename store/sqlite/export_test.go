package sqlite

import (
	"context"
	"database/sql"
)

// exec runs one statement in a transaction of its own.
func (s *Store) exec(ctx context.Context, statement string) (n int, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		return change(ctx, tx, statement, []any{sql.Named("now", micros(s.clock()))}, &n)
	})
	return n, err
}

// scanner is a row.
type scanner interface{ Scan(dest ...any) error }

// collect runs a query and reads its rows.
func collect[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) (list []T, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, rows.Err()
}
