package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"heyq/store"
)

// Installation returns which installation this database belongs to, and what tells the
// database itself from a copy of it.
func (s *Store) Installation(ctx context.Context) (store.Installation, error) {
	i, err := s.Protocol.Installation(ctx)
	if err != nil {
		return i, err
	}
	i.Here, err = s.here(ctx)
	return i, err
}

// here names this database. A replica that took over has its server's name, a
// dump that was restored has not. What Postgres does not tell is empty.
func (s *Store) here(ctx context.Context) (string, error) {
	list, err := collect(ctx, s, pgx.RowTo[string], `
		SELECT c.system_identifier || '/' || d.oid
		  FROM pg_control_system() c, pg_database d WHERE d.datname = current_database()`)
	if _, refused := errors.AsType[*pgconn.PgError](err); refused && !away(err) {
		return "", nil
	}
	if err != nil || len(list) == 0 {
		return "", explain(err, "read the database's name")
	}
	return list[0], nil
}

// Settle makes Here the Home.
func (s *Store) Settle(ctx context.Context) error {
	here, err := s.here(ctx)
	if err != nil {
		return err
	}
	return s.SettleAt(ctx, here)
}
