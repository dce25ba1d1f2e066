package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"heyq/internal/testkit"
)

// observed is what an observer was told.
type observed struct {
	mu    sync.Mutex
	names []string
	errs  []error
}

func (o *observed) tell(_ context.Context, name string, err error, took time.Duration) {
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
	o.names = nil // what the connection cost
	for _, sql := range []string{"CREATE TABLE videos (id int PRIMARY KEY)", "INSERT INTO videos VALUES (1)"} {
		if _, err := s.exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.exec(t.Context(), "INSERT INTO videos VALUES (1)"); err == nil {
		t.Error("the constraint is gone")
	}
	err = s.inTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue("SELECT pg_advisory_xact_lock(1)")
		batch.Queue("UPDATE videos SET id = 2")
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := collect(t.Context(), s, pgx.RowTo[int], "SELECT id FROM videos"); err != nil || !slices.Equal(list, []int{2}) {
		t.Errorf("got %d, %v", list, err)
	}
	want := []string{"CREATE", "INSERT videos", "INSERT videos", "BEGIN", "UPDATE videos", "COMMIT", "SELECT videos"}
	if !slices.Equal(o.names, want) || len(o.errs) > 0 {
		t.Errorf("told of %q and the failures %v, want %q", o.names, o.errs, want)
	}

	if _, err := s.exec(t.Context(), "SELECT 1/0"); err == nil || len(o.errs) != 1 {
		t.Errorf("the statement ended with %v, told of %v", err, o.errs)
	}
	told := len(o.names)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := s.exec(ctx, "SELECT pg_sleep(30)"); !errors.Is(err, context.Canceled) || len(o.names) != told {
		t.Errorf("what was given up ended with %v, told of %q", err, o.names[told:])
	}
}

func TestObserver_is_told_that_the_database_is_away(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // nobody listens there now
	var o observed
	if s, err := Open(t.Context(), "postgres://"+listener.Addr().String()+"/heyq", WithObserver(o.tell)); err == nil {
		s.Close()
		t.Fatal("it is not away")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.names) == 0 || o.names[0] != "CONNECT" || len(o.errs) != len(o.names) {
		t.Errorf("told of %q and the failures %v", o.names, o.errs)
	}
}

func TestObserver_takes_answers_for_no_failures(t *testing.T) {
	t.Parallel()
	silent, cancel := context.WithCancelCause(t.Context())
	cancel(errSilent)
	for _, c := range []struct {
		name         string
		ctx          context.Context
		err          error
		told, failed bool
	}{
		{"success", t.Context(), nil, true, false},
		{"unique violation", t.Context(), &pgconn.PgError{Code: "23505"}, true, false},
		{"deadlock", t.Context(), fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: "40P01"}), true, false},
		{"syntax error", t.Context(), &pgconn.PgError{Code: "42601"}, true, true},
		{"out of connections", t.Context(), &pgconn.PgError{Code: "53300"}, true, true},
		{"deadline", t.Context(), context.DeadlineExceeded, true, true},
		{"given up", t.Context(), context.Canceled, false, false},
		{"silent", silent, context.Canceled, true, true},
	} {
		var o observed
		tracer := &tracer{observe: o.tell}
		tracer.TraceQueryEnd(tracer.TraceQueryStart(c.ctx, nil, pgx.TraceQueryStartData{SQL: "SELECT 1"}), nil, pgx.TraceQueryEndData{Err: c.err})
		if told, failed := len(o.names) == 1, len(o.errs) == 1; told != c.told || failed != c.failed {
			t.Errorf("%s: told %t, failed %t; want %t and %t", c.name, told, failed, c.told, c.failed)
		}
	}
}

func TestObserver_stands_beside_another_tracer(t *testing.T) {
	t.Parallel()
	var first, second observed
	both := beside(&tracer{observe: first.tell}, &tracer{observe: second.tell})
	both.TraceQueryEnd(both.TraceQueryStart(t.Context(), nil, pgx.TraceQueryStartData{SQL: "begin"}), nil, pgx.TraceQueryEndData{})
	// The inner context hides the outer one of the same kind; each is told all the
	// same.
	if len(first.names) != 1 || len(second.names) != 1 {
		t.Errorf("told %q and %q", first.names, second.names)
	}
}
