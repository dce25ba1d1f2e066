package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// opposite holds, for each setting that the protocol needs, a default that breaks it
// and what our connections have all the same.
var opposite = []struct{ name, is, want string }{
	{"default_transaction_isolation", "repeatable read", "read committed"},
	{"synchronous_commit", "off", "on"},
	{"lock_timeout", "0", "2s"},
	{"statement_timeout", "1h", "40s"},
	{"idle_session_timeout", "5s", "0"},
	{"idle_in_transaction_session_timeout", "0", "15s"},
	{"TimeZone", "Asia/Kolkata", "UTC"},
	{"DateStyle", "German, DMY", "ISO, DMY"},
	{"IntervalStyle", "iso_8601", "postgres"},
	{"client_encoding", "LATIN1", "UTF8"},
	{"enable_seqscan", "on", "off"},
	{"application_name", "somebody", "heyq"},
}

// badlySet is a migrated database whose defaults are those of opposite.
func badlySet(t *testing.T) string {
	t.Helper()
	url := postgrestest.URL(t)
	conn := connect(t, url)
	for _, o := range opposite {
		_, err := conn.Exec(t.Context(), `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET `+o.name+` = `+quotedSetting(o.name, o.is)+`', current_database()); END $$`)
		if err != nil {
			t.Fatalf("%s: %v", o.name, err)
		}
	}
	return url
}

// quotedSetting quotes a value inside a quoted text; a list stays a list.
func quotedSetting(name, value string) string {
	if name == "DateStyle" {
		return value
	}
	return "''" + value + "''"
}

// What the protocol rests on is set by each connection, and not hoped for.
func TestSession_settings_real(t *testing.T) {
	t.Parallel()
	url := badlySet(t)
	s, conn := open(t, url), connect(t, url)
	for _, o := range opposite {
		var theirs string
		if err := conn.QueryRow(t.Context(), `SELECT current_setting($1)`, o.name).Scan(&theirs); err != nil {
			t.Fatal(err)
		}
		ours, err := s.Setting(t.Context(), o.name)
		if err != nil || ours != o.want || theirs == o.want {
			t.Errorf("%s: ours is %q (%v), want %q; others have %q", o.name, ours, err, o.want, theirs)
		}
	}
}

// A database that waits for its replicas goes on doing so.
func TestSession_keeps_remote_apply_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	if _, err := connect(t, url).Exec(t.Context(), `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = remote_apply', current_database()); END $$`); err != nil {
		t.Fatal(err)
	}
	if got, err := open(t, url).Setting(t.Context(), "synchronous_commit"); err != nil || got != "remote_apply" {
		t.Errorf("synchronous_commit is %s, %v", got, err)
	}
}

// Under a default of repeatable read the count of slots was older than the lock: 20
// slots were given at a cap of 10.
func TestSession_cap_holds_real(t *testing.T) {
	t.Parallel()
	url := badlySet(t)
	s, conn, ctx := open(t, url), connect(t, url), t.Context()
	const most = 10
	create := func(priority int) {
		t.Helper()
		videos := make([]store.NewVideo, most)
		for i := range videos {
			videos[i] = newVideo()
			videos[i].Priority = priority
		}
		if _, err := s.CreateVideos(ctx, store.Creation{Videos: videos}); err != nil {
			t.Fatal(err)
		}
	}
	create(0)
	// The first has admission's lock, and the second waits for it.
	tx, err := connect(t, url).BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		t.Fatal(err)
	}
	first := postgres.InTx(tx)
	if claims, err := first.Admit(ctx, 0); err != nil || len(claims) != 0 {
		t.Fatalf("admitted %v, %v with no slot", claims, err)
	}
	second := make(chan []store.Claim, 1)
	var g errgroup.Group
	g.Go(func() error {
		claims, err := s.Admit(ctx, most)
		second <- claims
		return err
	})
	testkit.Eventually(t, func() error {
		var waiting int
		err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&waiting)
		if err == nil && waiting != 1 {
			err = fmt.Errorf("%d wait", waiting)
		}
		return err
	})
	create(5)
	if _, err := conn.Exec(ctx, `UPDATE videos SET not_before = not_before - interval '1 h', due_at = due_at - interval '1 h' WHERE priority = 5`); err != nil {
		t.Fatal(err)
	}
	claims, err := first.Admit(ctx, most)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if err := g.Wait(); err != nil && !errors.Is(err, store.ErrLocked) { // the machine may be slow
		t.Fatal(err)
	}
	if n := len(claims) + len(<-second); n != most {
		t.Errorf("%d slots were given at a cap of %d", n, most)
	}
}

// An application may use the number of any lock; ours is made of our name.
func TestSession_locks_are_ours_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s, conn, ctx := open(t, url), connect(t, url), t.Context()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(n) FROM generate_series(0, 100) AS n`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}}); err != nil {
		t.Fatal(err)
	}
	if claims, err := s.Admit(ctx, 1); err != nil || len(claims) != 1 {
		t.Errorf("beside an application's locks: admitted %v, %v", claims, err)
	}
}

// holdRow keeps a row locked by a transaction of another client, as that of an
// application that has called postgres.InTx may.
func holdRow(t *testing.T, url string, video any) (release func()) {
	t.Helper()
	tx, err := connect(t, url).BeginTx(t.Context(), pgx.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if tag, err := tx.Exec(t.Context(), `SELECT FROM videos WHERE id = $1 FOR UPDATE`, video); err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("lock a row: %v, %v", tag, err)
	}
	return func() {
		if err := tx.Rollback(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

// A table that another transaction has locked whole, as an ALTER TABLE does, is told of
// after lock_timeout, though the caller would wait for as long as it takes. What waits for
// statementTimeout instead is told otherwise.
func TestLocked_table_is_told_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s := open(t, url)
	tx, err := connect(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `LOCK TABLE videos`); err != nil {
		t.Fatal(err)
	}
	var g errgroup.Group
	for name, call := range map[string]func() error{
		"create": func() error {
			_, err := s.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{newVideo()}})
			return err
		},
		"read": func() error {
			_, err := s.Video(t.Context(), store.Everyone(), uuid.New())
			return err
		},
	} {
		g.Go(func() error {
			start := time.Now()
			err := call()
			if took := time.Since(start); fault.CodeOf(err) != fault.Unavailable || !errors.Is(err, store.ErrLocked) || took > 15*time.Second {
				t.Errorf("%s: %v after %v, want that it is locked, within about 5s", name, err, took)
			}
			return nil
		})
	}
	_ = g.Wait()
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
}

// A caller's transaction that stays open stopped the renewal of all leases.
func TestLocked_row_keeps_nobody_waiting_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s, conn, ctx := open(t, url), connect(t, url), t.Context()
	if _, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo(), newVideo(), newVideo()}}); err != nil {
		t.Fatal(err)
	}
	claims, err := s.Admit(ctx, 3)
	if err != nil || len(claims) != 3 {
		t.Fatalf("admitted %v, %v", claims, err)
	}
	runs, err := s.Begin(ctx, store.Create, claims[:2])
	if err != nil || len(runs) != 2 {
		t.Fatalf("begun %v, %v", runs, err)
	}
	first, second, waiting := runs[0], runs[1], claims[2:]
	lease := func(r store.Run) (at time.Time) {
		t.Helper()
		if err := conn.QueryRow(ctx, `SELECT due_at FROM videos WHERE id = $1`, r.Video).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	before := [2]time.Time{lease(first), lease(second)}
	release := holdRow(t, url, first.Video)
	unhold := holdRow(t, url, waiting[0].Video)

	// None of these waits for the locks, which are held until the end of the test:
	// it would be told after lock_timeout that they are.
	stranger := first.Fence
	stranger.Run += 7
	renewed, err := s.Renew(ctx, []store.Fence{first.Fence, second.Fence, stranger})
	if err != nil || len(renewed) != 2 {
		t.Fatalf("renewed %v, %v; want both that stand", renewed, err)
	}
	if held, err := s.Hold(ctx, waiting); err != nil || len(held) != 1 {
		t.Errorf("held %v, %v; want the claim, whose row is locked", held, err)
	}
	if err := s.Unclaim(ctx, waiting); err != nil {
		t.Errorf("give back what is locked: %v", err)
	}
	if !lease(first).Equal(before[0]) || !lease(second).After(before[1]) {
		t.Errorf("the leases went from %v to %v, %v; want that only the second is longer", before, lease(first), lease(second))
	}

	// A write that needs the row says so, instead of waiting for ever.
	_, err = s.End(ctx, []store.End{store.Accepted(first, "hey-1", 0), store.Accepted(second, "hey-2", 0)})
	if fault.CodeOf(err) != fault.Unavailable || !errors.Is(err, store.ErrLocked) {
		t.Errorf("an End of a locked row: %v, want that it is locked", err)
	}
	release()
	unhold()
	if ended, err := s.End(ctx, []store.End{store.Accepted(first, "hey-1", 0), store.Accepted(second, "hey-2", 0)}); err != nil || len(ended) != 2 {
		t.Errorf("ended %v, %v after the row was free", ended, err)
	}
}
