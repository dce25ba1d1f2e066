package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"heyq/store"
)

// Installation returns whose database this is.
func (s *Store) Installation(ctx context.Context) (store.Installation, error) {
	meta := map[string]string{}
	_, err := collect(ctx, s, func(row pgx.CollectableRow) (_ struct{}, err error) {
		var key, value string
		err = row.Scan(&key, &value)
		meta[key] = value
		return struct{}{}, err
	}, `SELECT key, value FROM meta`)
	if err != nil {
		return store.Installation{}, explain(err, "read the installation's id")
	}
	i, err := store.InstallationOf(meta)
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

// RememberAccount writes down which account of HeyGen renders for this database.
func (s *Store) RememberAccount(ctx context.Context, account string) error {
	return explain(s.remember(ctx, "heygen_account", account), "remember the account at HeyGen")
}

// Settle makes Here the Home.
func (s *Store) Settle(ctx context.Context) error {
	here, err := s.here(ctx)
	if err != nil {
		return err
	}
	return explain(s.remember(ctx, "home", here), "remember the database's name")
}

func (s *Store) remember(ctx context.Context, key, value string) error {
	_, err := s.exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}

// Advance makes the generation grow beyond itself and beyond least.
func (s *Store) Advance(ctx context.Context, least int64) (int64, error) {
	list, err := collect(ctx, s, pgx.RowTo[int64], `
		INSERT INTO meta AS m (key, value) VALUES ('generation', ($1::bigint + 1)::text)
		    ON CONFLICT (key) DO UPDATE SET value = (greatest(m.value::bigint, $1) + 1)::text
		RETURNING value::bigint`, least)
	if err != nil {
		return 0, explain(err, "count the generation")
	}
	return list[0], nil
}

// Keep returns the secret that the installation keeps under a name: secret
// itself, unless it kept one before.
func (s *Store) Keep(ctx context.Context, name, secret string) (string, error) {
	key := "secret:" + name
	_, err := s.exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, key, secret)
	if err != nil {
		return "", explain(err, "keep a secret")
	}
	kept, err := collect(ctx, s, pgx.RowTo[string], `SELECT value FROM meta WHERE key = $1`, key)
	if err == nil && len(kept) != 1 {
		err = errors.New("it is gone")
	}
	if err != nil {
		return "", explain(err, "read a secret")
	}
	return kept[0], nil
}
