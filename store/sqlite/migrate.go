package sqlite

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"heyq/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to date and returns what it applied. Open has
// done so already.
func (s *Store) Migrate(ctx context.Context) ([]store.Migration, error) {
	provider, err := s.migrator()
	if err != nil {
		return nil, err
	}
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
	provider, err := s.migrator()
	if err != nil {
		return nil, err
	}
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

// Drift finds nothing: the file is heyq's own.
func (s *Store) Drift(context.Context) ([]store.Drift, error) { return nil, nil }

// CheckSchema finds nothing to say: Open migrates.
func (s *Store) CheckSchema(context.Context) error { return nil }

func (s *Store) migrator() (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the embedded migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.writer, dir)
	if err != nil {
		return nil, fmt.Errorf("prepare the migrations: %w", err)
	}
	return provider, nil
}
