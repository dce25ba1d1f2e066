package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"heyq/store"
)

// Installation returns whose database this is.
func (s *Store) Installation(ctx context.Context) (store.Installation, error) {
	meta := map[string]string{}
	_, err := collect(ctx, s.reader, func(row scanner) (_ struct{}, err error) {
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
