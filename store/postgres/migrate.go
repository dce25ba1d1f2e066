package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"heyq/internal/fault"
	"heyq/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to date and returns what it applied. Any number
// of processes may call it at once: one migrates, the others wait.
func (s *Store) Migrate(ctx context.Context) ([]store.Migration, error) {
	provider, done, err := s.migrator()
	if err != nil {
		return nil, err
	}
	defer done()
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, explain(err, "migrate the database")
	}
	applied := make([]store.Migration, len(results))
	for i, r := range results {
		applied[i] = store.Migration{Name: r.Source.Path, Applied: true}
	}
	return applied, nil
}

// Migrations lists every migration that this binary knows, oldest first.
func (s *Store) Migrations(ctx context.Context) ([]store.Migration, error) {
	provider, done, err := s.migrator()
	if err != nil {
		return nil, err
	}
	defer done()
	status, err := provider.Status(ctx)
	if err != nil {
		return nil, explain(err, "read the migrations")
	}
	list := make([]store.Migration, len(status))
	for i, m := range status {
		list[i] = store.Migration{Name: m.Source.Path, Applied: m.State == goose.StateApplied, At: m.AppliedAt}
	}
	return list, nil
}

// CheckSchema says whether the schema is the one that this binary needs.
func (s *Store) CheckSchema(ctx context.Context) error {
	provider, done, err := s.migrator()
	if err != nil {
		return err
	}
	defer done()
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return explain(err, "check the schema")
	}
	if pending {
		return fault.New(fault.Unavailable, "the database schema is older than this heyq").
			WithHint("run `heyq migrate up` first")
	}
	return nil
}

func (s *Store) migrator() (*goose.Provider, func(), error) {
	if s.pool == nil {
		return nil, nil, errors.New("migrate: the store belongs to a transaction")
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, fmt.Errorf("read the embedded migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600)) // ask each second, for ten minutes
	if err != nil {
		return nil, nil, fmt.Errorf("prepare the migration lock: %w", err)
	}
	db := stdlib.OpenDBFromPool(s.pool)
	provider, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithSessionLocker(locker))
	if err != nil {
		_ = db.Close()
		return nil, nil, fmt.Errorf("prepare the migrations: %w", err)
	}
	return provider, func() { _ = db.Close() }, nil
}
