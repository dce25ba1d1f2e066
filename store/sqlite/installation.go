package sqlite

import (
	"context"

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
