package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// mostSilence is how long a caller may wait for a database that is away. The
// promise is two seconds, of timers; the rest is for the work between them.
const mostSilence = 2500 * time.Millisecond

// wantSoonAway fails the test unless ask says each time that the database is away,
// and soon: a machine that is busy delays one of several tries, a timer that is too
// long all of them.
func wantSoonAway(t *testing.T, when string, ask func() map[string]error) {
	t.Helper()
	testkit.Eventually(t, func() error {
		start := time.Now()
		errs := ask()
		took := time.Since(start).Round(time.Millisecond)
		for name, err := range errs {
			if fault.CodeOf(err) != fault.Unavailable {
				t.Fatalf("%s, %s: %v, want that it is unavailable", when, name, err)
			}
		}
		t.Logf("%s: said after %s", when, took)
		if took > mostSilence {
			return fmt.Errorf("%s: it takes %s to say so", when, took)
		}
		return nil
	})
}

// A server that hangs takes connections and answers nothing.
func TestSilent_server_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartPostgres(t)
	url, err := server.CreateDatabase(t.Context(), "heyq", "")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, url)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	thaw := testkit.Freeze(t, server.PID())
	wantSoonAway(t, "on a connection of just now", func() map[string]error { return map[string]error{"Ping": s.Ping(t.Context())} })

	wantSoonAway(t, "on connections of before, and new ones", func() map[string]error {
		answers := make(chan error)
		const callers = 40 // more than there are connections
		for range callers {
			go func() {
				_, err := s.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{newVideo()}})
				answers <- err
			}()
		}
		errs := map[string]error{}
		for i := range callers {
			errs["CreateVideos "+string(rune('a'+i))] = <-answers
		}
		return errs
	})

	thaw()
	wantBack(t, s)
}

// While one statement takes long the server lives, and takes its time. Each insert waits
// until the test lets it go on.
func TestSilent_pool_is_exhausted_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s, err := postgres.Open(t.Context(), url, postgres.WithConnections(2))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), `
		SELECT pg_advisory_lock(1);
		CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS
		       'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END';
		CREATE TRIGGER wait BEFORE INSERT ON videos FOR EACH STATEMENT EXECUTE FUNCTION wait()`); err != nil {
		t.Fatal(err)
	}
	answers := make(chan error)
	for range 2 {
		go func() {
			_, err := s.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{newVideo()}})
			answers <- err
		}()
	}
	testkit.Eventually(t, func() error {
		var waiting int
		err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(&waiting)
		if err == nil && waiting < 2 {
			err = context.DeadlineExceeded
		}
		return err
	})
	wantSoonAway(t, "without a free connection", func() map[string]error { return map[string]error{"Ping": s.Ping(t.Context())} })
	start := time.Now()
	for time.Since(start) < 2*time.Second { // both have been looked after by now, more than once
		if err := s.Ping(t.Context()); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("while both wait: %v", err)
		}
	}
	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_unlock(1)`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-answers; err != nil {
			t.Errorf("a statement that only had to wait: %v", err)
		}
	}
}
