package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// everything calls one method of each file once.
func everything(ctx context.Context, s store.Store) map[string]error {
	errs := map[string]error{"Ping": s.Ping(ctx)}
	_, errs["CreateVideos"] = s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}})
	_, errs["Video"] = s.Video(ctx, store.Everyone(), newVideo().ID)
	_, errs["Admit"] = s.Admit(ctx, 1)
	_, errs["Claim"] = s.Claim(ctx, store.Poll, 1)
	_, errs["Begin"] = s.Begin(ctx, store.Poll, []store.Claim{{}})
	_, errs["End"] = s.End(ctx, []store.End{{}})
	_, _, errs["Cancel"] = s.Cancel(ctx, store.Everyone(), newVideo().ID)
	_, errs["Hint"] = s.Hint(ctx, []store.Hint{{Video: newVideo().ID}})
	_, errs["SyncRedis"] = s.SyncRedis(ctx, "e", false)
	_, errs["PauseAdmission"] = s.PauseAdmission(ctx, "r")
	_, errs["ClaimAnalyses"] = s.ClaimAnalyses(ctx, 1)
	_, errs["BeginScheduled"] = s.BeginScheduled(ctx, "n")
	return errs
}

func TestAway_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartPostgres(t)
	url, err := server.CreateDatabase(t.Context(), "heyq", "")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, url)
	if err := s.CheckSchema(t.Context()); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a database without tables: %v, want that it is unavailable", err)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}

	// Not Kill: backends whose postmaster is gone may answer for a moment.
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	for name, err := range everything(t.Context(), s) {
		if fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("%s without a database: %v, want that it is unavailable", name, err)
		}
	}
	if _, err := postgres.Open(t.Context(), url); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Open without a database: %v, want that it is unavailable", err)
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantBack(t, s)
}

// A caller that stops waiting in the middle of a statement says nothing of the
// database; one whose time is up does.
func TestAway_caller_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s, conn := open(t, url), connect(t, url)
	if _, err := conn.Exec(t.Context(), `BEGIN; LOCK TABLE videos`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		ctx  func() (context.Context, context.CancelFunc)
		want fault.Code
	}{
		{"cancelled", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(50*time.Millisecond, cancel)
			return ctx, cancel
		}, fault.Internal},
		{"timed out", func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(t.Context(), 50*time.Millisecond)
		}, fault.Unavailable},
	} {
		ctx, cancel := c.ctx()
		_, err := s.Claim(ctx, store.Poll, 1)
		if fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v is %q, want %q", c.name, err, fault.CodeOf(err), c.want)
		}
		if _, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}}); fault.CodeOf(err) != c.want {
			t.Errorf("%s before it began: %v is %q, want %q", c.name, err, fault.CodeOf(err), c.want)
		}
		cancel()
	}
}

func TestOpen_hidesPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://ada:s3cret@127.0.0.1:1/x?connect_timeout=1", "postgres://ada:s3cret@[::1/x", "nonsense s3cret"} {
		_, err := postgres.Open(t.Context(), url)
		if err == nil {
			t.Errorf("%s was opened", url)
		}
		for ; err != nil; err = errors.Unwrap(err) {
			if strings.Contains(fmt.Sprint(err), "s3cret") {
				t.Errorf("the error tells the password: %v", err)
			}
		}
	}
}

// wantBack waits for the database, and then for everything to work again.
func wantBack(t *testing.T, s *postgres.Store) {
	t.Helper()
	testkit.Eventually(t, func() error { return s.Ping(t.Context()) })
	for name, err := range everything(t.Context(), s) {
		if fault.CodeOf(err) == fault.Unavailable {
			t.Errorf("%s after the database came back: %v", name, err)
		}
	}
}
