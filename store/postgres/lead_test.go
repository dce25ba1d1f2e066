package postgres_test

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"heyq/internal/testkit"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// lead runs a leader in the background. It says on the first channel that it
// leads, and ends when it is told to, or loses the lock.
func lead(t *testing.T, s *postgres.Store) (leads chan struct{}, lost chan error, stop context.CancelFunc) {
	leads, lost = make(chan struct{}), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		lost <- s.Lead(ctx, "schedule", func(ctx context.Context) error {
			close(leads)
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	t.Cleanup(stop)
	return leads, lost, stop
}

func wait[T any](t *testing.T, what string, c <-chan T) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(testkit.Patience):
		t.Fatalf("waited in vain: %s", what)
	}
}

func TestLead_handover_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	firstLeads, firstEnded, stop := lead(t, open(t, url))
	wait(t, "the first leads", firstLeads)
	secondLeads, secondEnded, stopSecond := lead(t, open(t, url))
	testkit.WantRefused(t, url)
	select {
	case <-secondLeads:
		t.Fatal("two lead at once")
	default:
	}
	stop()
	wait(t, "the first ends", firstEnded)
	wait(t, "the second leads", secondLeads)
	stopSecond()
	wait(t, "the second ends", secondEnded)
}

func TestLead_lostConnection_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	conn := connect(t, url)
	leads, ended, _ := lead(t, open(t, url))
	wait(t, "it leads", leads)
	_, err := conn.Exec(t.Context(), `
		SELECT pg_terminate_backend(pid) FROM pg_locks
		 WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "it notices that it leads no more", ended)
}

func TestMigrate_manyProcesses_real(t *testing.T) {
	t.Parallel()
	url := testkit.Postgres(t)
	var g errgroup.Group
	applied := make([]int, 4)
	for i := range applied {
		s := open(t, url)
		g.Go(func() error {
			list, err := s.Migrate(t.Context())
			applied[i] = len(list)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	s := open(t, url)
	known, err := s.Migrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, n := range applied {
		total += n
	}
	if total != len(known) {
		t.Errorf("%d migrations were applied by four processes, want %d", total, len(known))
	}
	for _, m := range known {
		if !m.Applied || m.At.IsZero() {
			t.Errorf("%s is not applied", m.Name)
		}
	}
	if err := s.CheckSchema(t.Context()); err != nil {
		t.Errorf("the schema after migrating: %v", err)
	}
}
