package postgres_test

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/testkit"
)

var update = flag.Bool("update", false, "write store/sql/schema.sql anew")

// TestSchema_real keeps a picture of the whole schema for readers, whatever the
// number of migrations that led to it.
func TestSchema_real(t *testing.T) {
	t.Parallel()
	got, err := open(t, testkit.PostgresFrom(t, migrated)).Picture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const golden = "../sql/schema.sql"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the schema is not the one in %s; if it is meant to change, run the test with -update (-want +got):\n%s", golden, diff)
	}
}
