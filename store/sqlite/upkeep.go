package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// Lead runs fn at once: this process has the file, and so every lock, to
// itself.
func (s *Store) Lead(ctx context.Context, _ string, fn func(context.Context) error) error {
	return fn(ctx)
}

// SinceRun returns how long ago the named scheduled job last finished.
func (s *Store) SinceRun(ctx context.Context, name string) (ago time.Duration, ran bool, err error) {
	list, err := collect(ctx, s.reader, func(row scanner) (at time.Time, err error) {
		return at, row.Scan(asTime(&at))
	}, `SELECT finished_at FROM scheduled_runs WHERE name = :name`, sql.Named("name", name))
	if err != nil || len(list) == 0 {
		return 0, false, explain(err, "read the last run")
	}
	return s.clock().Sub(list[0]), true, nil
}

// RecordRun says that it finished now.
func (s *Store) RecordRun(ctx context.Context, name string) error {
	_, err := s.exec(ctx, `
		INSERT INTO scheduled_runs (name, finished_at) VALUES (:name, :now)
		    ON CONFLICT (name) DO UPDATE SET finished_at = :now`, sql.Named("name", name))
	return explain(err, "record a run")
}

// Now returns the store's time, which is this process's.
func (s *Store) Now(context.Context) (time.Time, error) { return s.clock(), nil }
