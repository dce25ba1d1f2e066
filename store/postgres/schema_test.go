package postgres_test

import (
	"testing"

	"heyq/internal/testkit"
	"heyq/internal/testkit/golden"
)

// TestSchema_real keeps a picture of the whole schema for readers, whatever the
// number of migrations that led to it.
func TestSchema_real(t *testing.T) {
	t.Parallel()
	got, err := open(t, testkit.PostgresFrom(t, migrated)).Picture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	golden.Want(t, "../sql/schema.sql", got)
}
