package sqlitetest_test

import (
	"testing"

	"heyq/store/sqlite/sqlitetest"
)

// Two stores are two installations, and nothing is left to migrate.
func TestOpen(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for range 2 {
		s := sqlitetest.Open(t)
		self, err := s.Installation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ids[self.ID.String()] = true
		if applied, err := s.Migrate(t.Context()); err != nil || len(applied) > 0 {
			t.Errorf("%d migrations were left, %v", len(applied), err)
		}
	}
	if len(ids) != 2 {
		t.Errorf("both are %v", ids)
	}
}
