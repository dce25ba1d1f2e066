package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"heyq/store"
)

// Installation returns whose database this is. A file has no name that a copy of
// it would not have as well.
func (s *Store) Installation(ctx context.Context) (store.Installation, error) {
	return installation(ctx, s.reader)
}

// Installation returns whose database this is.
func (s *Snapshot) Installation(ctx context.Context) (store.Installation, error) {
	return installation(ctx, s.file)
}

func installation(ctx context.Context, db *sql.DB) (store.Installation, error) {
	meta := map[string]string{}
	_, err := collect(ctx, db, func(row scanner) (_ struct{}, err error) {
		var key, value string
		err = row.Scan(&key, &value)
		meta[key] = value
		return struct{}{}, err
	}, `SELECT key, value FROM meta`)
	if err != nil {
		return store.Installation{}, explain(err, "read the installation's id")
	}
	return store.InstallationOf(meta)
}

// Keep returns the secret that the installation keeps under a name: secret
// itself, unless it kept one before.
func (s *Store) Keep(ctx context.Context, name, secret string) (string, error) {
	key := sql.Named("key", "secret:"+name)
	_, err := s.exec(ctx, `INSERT INTO meta (key, value) VALUES (:key, :secret) ON CONFLICT (key) DO NOTHING`, key, sql.Named("secret", secret))
	if err != nil {
		return "", explain(err, "keep a secret")
	}
	kept, err := collect(ctx, s.reader, func(row scanner) (value string, err error) {
		err = row.Scan(&value)
		return value, err
	}, `SELECT value FROM meta WHERE key = :key`, key)
	if err == nil && len(kept) != 1 {
		err = errors.New("it is gone")
	}
	if err != nil {
		return "", explain(err, "read a secret")
	}
	return kept[0], nil
}

// RememberAccount writes down which account of HeyGen renders for this database.
func (s *Store) RememberAccount(ctx context.Context, account string) error {
	_, err := s.exec(ctx, `
		INSERT INTO meta (key, value) VALUES ('heygen_account', :account)
		    ON CONFLICT (key) DO UPDATE SET value = excluded.value`, sql.Named("account", account))
	return explain(err, "remember the account at HeyGen")
}

// Settle has nothing to write.
func (s *Store) Settle(context.Context) error { return nil }

// Advance makes the generation grow beyond itself and beyond least.
func (s *Store) Advance(ctx context.Context, least int64) (generation int64, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `
			INSERT INTO meta (key, value) VALUES ('generation', CAST(:least + 1 AS TEXT))
			    ON CONFLICT (key) DO UPDATE SET value = CAST(max(CAST(value AS INTEGER), :least) + 1 AS TEXT)
			RETURNING CAST(value AS INTEGER)`, sql.Named("least", least)).Scan(&generation)
	})
	return generation, explain(err, "count the generation")
}
