// Package postgrestest gives a test a Postgres database with heyq's tables in it.
package postgrestest

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"heyq/internal/testkit"
	"heyq/store/postgres"
)

var migrated = testkit.NewTemplate(func(ctx context.Context, url string) error {
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Migrate(ctx)
	return err
})

// URL returns the address of a fresh database, which is an installation of its own.
// The package's tests run under testkit.Main.
func URL(t testing.TB) string {
	t.Helper()
	url := testkit.PostgresFrom(t, migrated)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), `UPDATE meta SET value = gen_random_uuid()::text WHERE key = 'installation'`)
	if err := errors.Join(err, conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	return url
}

// Open opens the database at a URL until the test ends.
func Open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	db, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
