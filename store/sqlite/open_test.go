package sqlite_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/store/sqlite"
)

func TestOpen_secondProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "heyq.db")
	open(t, path)
	_, err := sqlite.Open(t.Context(), path)
	if fault.CodeOf(err) != fault.Unavailable || !errors.Is(err, sqlite.ErrHeld) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want that it is unavailable, with the folder's name", err)
	}
}

// Who only looks leaves what the last process had under way.
func TestOpen_asFound(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyq.db")
	s := reopen(t, path)
	id := create(t, s)
	claims, err := s.Admit(t.Context(), 1)
	claims = must(t, claims, err)
	crash(t, s)

	s, err = sqlite.Open(t.Context(), path, sqlite.AsFound())
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Migrations(t.Context())
	for _, m := range must(t, list, err) {
		if !m.Applied {
			t.Errorf("%s is not applied", m.Name)
		}
	}
	if runs, err := s.Begin(t.Context(), store.Create, claims); err != nil || len(runs) != 1 || runs[0].Video != id {
		t.Errorf("what was admitted is no more: %v, %v", runs, err)
	}
	crash(t, s)
	crash(t, reopen(t, path)) // the next one can have it
}

func TestOpen_oddNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b.db", "50%.db", "what?.db", "#1.db", "ünï.db", "a&b=c.db"} {
		path := filepath.Join(t.TempDir(), name)
		open(t, path)
		if found, _ := filepath.Glob(strings.NewReplacer("?", `\?`).Replace(path)); len(found) != 1 {
			t.Errorf("%s: found %v, want the file itself", name, found)
		}
	}
}

func TestOpen_missingFolder(t *testing.T) {
	t.Parallel()
	if _, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "none", "heyq.db")); err == nil {
		t.Error("opened a file in a folder that does not exist")
	}
}

// crash closes a store in the middle of what it did, as a kill would leave it.
func crash(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func reopen(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func create(t *testing.T, s store.Store) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	_, err := s.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{{ID: id, UserID: "ada", Request: json.RawMessage(`{}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func must[T any](t *testing.T, list []T, err error) []T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// beginDue claims and begins what is due for a step.
func beginDue(t *testing.T, s store.Store, step store.Step) []store.Run {
	t.Helper()
	claims, err := s.Claim(t.Context(), step, 10)
	claims = must(t, claims, err)
	runs, err := s.Begin(t.Context(), step, claims)
	return must(t, runs, err)
}

func TestOpen_recovers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyq.db")
	s := reopen(t, path)
	waiting, admitted, sending := create(t, s), create(t, s), create(t, s)
	if _, _, err := s.Cancel(t.Context(), store.Everyone(), waiting); err != nil {
		t.Fatal(err)
	}
	claims, err := s.Admit(t.Context(), 2)
	claims = must(t, claims, err)
	if claims[0].Video != sending {
		claims[0], claims[1] = claims[1], claims[0]
	}
	stale, err := s.Begin(t.Context(), store.Create, claims[:1])
	stale = must(t, stale, err)
	crash(t, s)

	s = open(t, path)
	if runs, err := s.Begin(t.Context(), store.Create, claims); err != nil || len(runs) > 0 {
		t.Errorf("a task of the dead process began: %v, %v", runs, err)
	}
	if ended, err := s.End(t.Context(), []store.End{store.Accepted(stale[0], "hg-1", 0)}); err != nil || len(ended) > 0 {
		t.Errorf("a run of the dead process ended: %v, %v", ended, err)
	}
	runs := beginDue(t, s, store.Create)
	if len(runs) != 2 {
		t.Fatalf("%d creates were due after the start, want 2", len(runs))
	}
	for _, r := range runs {
		if r.First != (r.Video == admitted) {
			t.Errorf("video %s begun with First %v: only what was never sent is a first send", r.Video, r.First)
		}
	}
}

// Trace 11 where there is one process: the row that kills it is counted at each
// start, since no other process is there to see its lease run out.
func TestOpen_crashLoop(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyq.db")
	s := reopen(t, path)
	id := create(t, s)
	claims, err := s.Admit(t.Context(), 1)
	claims = must(t, claims, err)
	runs, err := s.Begin(t.Context(), store.Create, claims)
	runs = must(t, runs, err)
	ended, err := s.End(t.Context(), []store.End{store.Accepted(runs[0], "hg-1", 0)})
	must(t, ended, err)

	starts := 0
	for len(beginDue(t, s, store.Poll)) > 0 {
		if starts++; starts > 2*store.MostLapses {
			t.Fatalf("the row still kills its process after %d starts", starts)
		}
		crash(t, s)
		s = reopen(t, path)
	}
	defer crash(t, s)
	v, err := s.Video(t.Context(), store.Everyone(), id)
	if err != nil {
		t.Fatal(err)
	}
	if starts != store.MostLapses || v.State != store.Failed || v.Failure.Code != "crash_loop" {
		t.Errorf("after %d starts the video is %s (%v), want it failed after %d", starts, v.State, v.Failure, store.MostLapses)
	}
}
