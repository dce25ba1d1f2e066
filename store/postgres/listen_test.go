package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// What a transaction elsewhere writes is heard when it has committed, and not what it
// takes back or only reads.
func TestListen_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s, conn, ctx := open(t, url), connect(t, url), t.Context()
	heard, ended := make(chan struct{}, 10), make(chan error, 1)
	go func() { ended <- s.Listen(ctx, func() { heard <- struct{}{} }) }()
	wait(t, "it listens", heard)

	inTx := func(end func(pgx.Tx, context.Context) error, do func(store.Store) error) {
		t.Helper()
		tx, err := conn.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := do(postgres.InTx(tx)); err != nil {
			t.Fatal(err)
		}
		if err := end(tx, ctx); err != nil {
			t.Fatal(err)
		}
	}
	v := newVideo()
	create := func(s store.Store) error {
		_, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{v}})
		return err
	}
	read := func(s store.Store) error {
		_, err := s.Counts(ctx)
		return err
	}
	inTx(pgx.Tx.Rollback, create)
	inTx(pgx.Tx.Commit, read)
	if _, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}}); err != nil {
		t.Fatal(err) // of heyq's own: its process wakes a dispatcher
	}
	inTx(pgx.Tx.Commit, create)
	wait(t, "a commit is heard", heard)
	if err := s.Tell(ctx); err != nil {
		t.Fatal(err)
	}
	wait(t, "a word of another dispatcher is heard", heard)
	if len(heard) > 0 {
		t.Errorf("%d more was heard, of what changed nothing", len(heard))
	}

	// One that is cut off says so, for the caller to listen anew.
	if _, err := conn.Exec(ctx, `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		 WHERE datname = current_database() AND query LIKE 'LISTEN%'`); err != nil {
		t.Fatal(err)
	}
	wait(t, "it notices that it is cut off", ended)
}

// Two heyq in one database do not wake each other.
func TestListen_schemas_real(t *testing.T) {
	t.Parallel()
	url := testkit.Postgres(t)
	a, b := open(t, url, postgres.WithSchema("a")), open(t, url, postgres.WithSchema("b"))
	heard := make(chan struct{}, 10)
	go func() { _ = a.Listen(t.Context(), func() { heard <- struct{}{} }) }()
	wait(t, "it listens", heard)
	for _, s := range []*postgres.Store{b, a} {
		if err := s.Tell(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, "it hears its own", heard)
	if len(heard) > 0 {
		t.Error("it hears another's")
	}
}
