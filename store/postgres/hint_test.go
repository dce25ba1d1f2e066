package postgres_test

import (
	"testing"
	"time"

	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// A hint need not reach the disk. What is written after it must, above all a
// Begin: a create that the row does not know of is paid twice.
func TestHint_leaves_other_commits_durable_real(t *testing.T) {
	t.Parallel()
	s, ctx := open(t, postgrestest.URL(t), postgres.WithConnections(1)), t.Context()
	if _, err := s.End(ctx, []store.End{store.Accepted(begun(t, s), "hey_1", time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Hint(ctx, []store.Hint{{HeyGenID: "hey_1"}}); err != nil || n != 1 {
		t.Fatalf("the hint met %d rows (%v), want 1", n, err)
	}
	if got, err := s.Setting(ctx, "synchronous_commit"); err != nil || got != "on" {
		t.Errorf("synchronous_commit is %q after a hint (%v), want on", got, err)
	}
}
