package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
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

func TestObserver_is_told_of_every_operation(t *testing.T) {
	t.Parallel()
	var o observed
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "heyq.db"), WithObserver(o.tell))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o.names, o.errs = nil, nil // of the start, where goose looks for a table that is not there
	if _, err := s.exec(t.Context(), "CREATE TABLE words (word text PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	err = s.write(t.Context(), func(tx *sql.Tx) error {
		prepared, err := tx.PrepareContext(t.Context(), "INSERT INTO words VALUES (:word)")
		if err != nil {
			return err
		}
		defer prepared.Close()
		_, err = prepared.ExecContext(t.Context(), sql.Named("word", "one"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.exec(t.Context(), "INSERT INTO words VALUES ('one')"); err == nil {
		t.Error("the constraint is gone")
	}
	list, err := collect(t.Context(), s.reader, func(row scanner) (word string, err error) {
		return word, row.Scan(&word)
	}, "SELECT word FROM words")
	if err != nil || !slices.Equal(list, []string{"one"}) {
		t.Errorf("got %q, %v", list, err)
	}
	want := []string{"BEGIN", "CREATE", "COMMIT", "BEGIN", "INSERT words", "COMMIT", "BEGIN", "INSERT words", "SELECT words"}
	if !slices.Equal(o.names, want) || len(o.errs) > 0 {
		t.Errorf("told of %q and the failures %v, want %q", o.names, o.errs, want)
	}

	if _, err := s.exec(t.Context(), "UPDATE no_table SET a = 1"); err == nil || len(o.errs) != 1 {
		t.Errorf("the statement ended with %v, told of %v", err, o.errs)
	}
	told := len(o.names)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, context.Canceled)
	defer cancel()
	const endless = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n`
	_, err = collect(ctx, s.reader, func(row scanner) (i int, err error) { return i, row.Scan(&i) }, endless)
	if err == nil || len(o.names) != told+1 || len(o.errs) != 2 {
		t.Errorf("what took too long ended with %v, told of %q and the failures %v", err, o.names[told:], o.errs)
	}
}

// What is observed must work as what is not.
func TestObserver_leaves_the_schema_as_it_is(t *testing.T) {
	t.Parallel()
	schema := func(options ...Option) string {
		s, err := Open(t.Context(), filepath.Join(t.TempDir(), "heyq.db"), options...)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		list, err := collect(t.Context(), s.reader, func(row scanner) (text string, err error) {
			return text, row.Scan(&text)
		}, "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(list, "\n")
	}
	if plain, seen := schema(), schema(WithObserver(new(observed).tell)); plain != seen || plain == "" {
		t.Errorf("the schema is\n%s\nwithout, and\n%s\nwith an observer", plain, seen)
	}
}

func TestObserver_is_not_told_of_what_was_given_up(t *testing.T) {
	t.Parallel()
	var o observed
	w := &watch{observe: o.tell}
	w.end(t.Context(), "BEGIN", time.Now().Add(-1), errors.Join(context.Canceled, errors.New("interrupted")))
	if len(o.names) > 0 {
		t.Errorf("told of %q", o.names)
	}
}
