package postgres_test

import (
	"testing"

	"heyq/internal/testkit/golden"
	"heyq/store/postgres/postgrestest"
)

// TestSchema_real keeps a picture of the whole schema for readers, whatever the
// number of migrations that led to it.
func TestSchema_real(t *testing.T) {
	t.Parallel()
	got, err := open(t, postgrestest.URL(t)).Picture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	golden.Want(t, "../sql/schema.sql", got)
}
