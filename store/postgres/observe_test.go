package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"heyq/internal/testkit"
	"heyq/store"
)

// observed is what an observer was told.
type observed struct {
	mu    sync.Mutex
	names []string
	errs  []error
}

func (o *observed) tell(name string, err error, took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if took <= 0 {
		err = fmt.Errorf("%s took %s", name, took)
	}
	o.names = append(o.names, name)
	if err != nil {
		o.errs = append(o.errs, err)
	}
}

func TestObserver_is_told_of_every_operation_real(t *testing.T) {
	t.Parallel()
	var o observed
	s, err := Open(t.Context(), testkit.Postgres(t), WithObserver(o.tell))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	video := store.NewVideo{ID: uuid.New(), UserID: store.DefaultUser, Request: []byte(`{}`)}
	if _, err := s.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{video}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Video(t.Context(), store.Everyone(), video.ID); err != nil {
		t.Fatal(err)
	}
	want := []string{"ping", "begin", "create videos", "commit", "read videos"}
	if !slices.Equal(o.names, want) || len(o.errs) > 0 {
		t.Errorf("told of %q and the failures %v, want %q", o.names, o.errs, want)
	}

	lock, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback(context.WithoutCancel(t.Context())) //nolint:errcheck // nothing was written
	if _, err := lock.Exec(t.Context(), "LOCK TABLE meta, videos"); err != nil {
		t.Fatal(err)
	}
	told := len(o.names)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := s.Video(ctx, store.Everyone(), video.ID); !errors.Is(err, context.Canceled) || len(o.names) != told {
		t.Errorf("what was given up ended with %v, told of %q", err, o.names[told:])
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Video(ctx, store.Everyone(), video.ID); err == nil || len(o.errs) != 1 {
		t.Errorf("what took too long ended with %v, told of %v", err, o.errs)
	}
}

func TestObserver_is_told_that_the_database_is_away_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartPostgres(t)
	url, err := server.CreateDatabase(t.Context(), "heyq", "")
	if err != nil {
		t.Fatal(err)
	}
	var o observed
	s, err := Open(t.Context(), url, WithObserver(o.tell))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil || !slices.Equal(o.names, []string{"ping", "ping"}) || len(o.errs) != 1 {
		t.Errorf("it ended with %v, told of %q and the failures %v", err, o.names, o.errs)
	}
}

func TestDatabase_tells_answers_from_failures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"unique violation", &pgconn.PgError{Code: "23505"}, true},
		{"deadlock", fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: "40P01"}), true},
		{"syntax error", &pgconn.PgError{Code: "42601"}, false},
		{"out of connections", &pgconn.PgError{Code: "53300"}, false},
		{"silent", errSilent, false},
		{"deadline", context.DeadlineExceeded, false},
	} {
		if got := (database{}).Answered(c.err); got != c.want {
			t.Errorf("%s: an answer %t, want %t", c.name, got, c.want)
		}
	}
}
