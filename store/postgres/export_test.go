package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Setting returns a setting of one of the store's connections.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	list, err := collect(ctx, s, pgx.RowTo[string], `SELECT current_setting($1)`, name)
	if err != nil {
		return "", err
	}
	return list[0], nil
}
