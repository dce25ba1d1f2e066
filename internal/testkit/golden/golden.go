// Package golden compares what a test got with a file that is kept for readers:
//
//	golden.Want(t, "testdata/schema.sql", got)
//
// After a change that is meant, go test -update writes the files anew. A package of
// its own, since it needs no server.
package golden

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Want fails the test unless the file at path holds got. With -update it writes the
// file first.
func Want(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update to make it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s says something else; if that is meant, run the test with -update (-want +got):\n%s", path, diff)
	}
}
