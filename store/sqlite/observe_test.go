package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

func TestObserver_is_told_of_every_operation(t *testing.T) {
	t.Parallel()
	var names []string
	var errs []error
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "heyq.db"), WithObserver(func(name string, err error, took time.Duration) {
		if took <= 0 {
			err = fmt.Errorf("%s took %s", name, took)
		}
		names, errs = append(names, name), append(errs, err)
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); err != nil {
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
	if failed := slices.ContainsFunc(errs, func(err error) bool { return err != nil }); failed || !slices.Equal(names, want) {
		t.Errorf("told of %q and the failures %v, want %q", names, errs, want)
	}

	if err := s.exec(t.Context(), "INSERT INTO meta VALUES ('one', ''), ('one', '')"); !(database{s}).Answered(err) {
		t.Errorf("a constraint is kept by %v, which is no answer", err)
	}
	if err := s.exec(t.Context(), "DROP TABLE meta"); err != nil {
		t.Fatal(err)
	}
	told := len(names)
	if _, err := s.Keep(t.Context(), "a", "b"); err == nil || len(names) != told+1 || errs[told] == nil {
		t.Errorf("what failed ended with %v, told of %q and the failures %v", err, names[told:], errs[told:])
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	told = len(names)
	if _, err := s.Video(ctx, store.Everyone(), video.ID); err == nil || len(names) != told {
		t.Errorf("what was given up ended with %v, told of %q", err, names[told:])
	}
}
