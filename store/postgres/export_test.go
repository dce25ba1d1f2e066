package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"heyq/store/sql"
)

// Setting returns a setting of one of the store's connections.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	list, err := collect(ctx, s, pgx.RowTo[string], `SELECT current_setting($1)`, name)
	if err != nil {
		return "", err
	}
	return list[0], nil
}

// WhoseRender is the statement that looks for a render which is to be adopted.
var WhoseRender = sql.Text("look whose a render is", sql.Postgres)

// RenderTimesOf is the statement that reads what the newest renders took.
var RenderTimesOf = sql.Text("read render times", sql.Postgres)

// Plan explains a statement on one of the store's connections.
func (s *Store) Plan(ctx context.Context, statement string, args ...any) (string, error) {
	lines, err := collect(ctx, s, pgx.RowTo[string], "EXPLAIN "+statement, args...)
	return strings.Join(lines, "\n"), err
}
