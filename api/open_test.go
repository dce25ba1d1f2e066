package api_test

import (
	"path/filepath"
	"testing"

	"heyq/store"
	"heyq/store/sqlite"
)

// openStore returns a store of the test's own, in a file.
func openStore(t *testing.T) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "heyq.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
