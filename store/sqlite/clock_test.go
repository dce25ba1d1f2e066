package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"heyq/store"
	"heyq/store/sqlite"
)

// A machine whose clock was a day ahead wrote times that the right one reaches a day
// later: nothing was admitted, sent, looked at or scheduled until then.
func TestOpen_after_a_clock_that_was_ahead(t *testing.T) {
	t.Parallel()
	path, ctx := filepath.Join(t.TempDir(), "heyq.db"), t.Context()
	ahead := func() time.Time { return time.Now().Add(24 * time.Hour) }
	s, err := sqlite.Open(ctx, path, sqlite.WithClock(ahead))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		create(t, s)
	}
	claims, err := s.Admit(ctx, 2)
	claims = must(t, claims, err)
	runs, err := s.Begin(ctx, store.Create, claims)
	runs = must(t, runs, err)
	if len(runs) != 2 {
		t.Fatalf("begun %v", runs)
	}
	ended, err := s.End(ctx, []store.End{store.Accepted(runs[0], "hey-1", time.Minute), store.Unclear(runs[1], 5*time.Minute)})
	if must(t, ended, err); len(ended) != 2 {
		t.Fatalf("ended %v", ended)
	}
	run, err := s.BeginScheduled(ctx, "keys:forget")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.EndScheduled(ctx, store.ScheduledEnd{Name: "keys:forget", Run: run, Outcome: "succeeded"}); err != nil {
		t.Fatal(err)
	}
	crash(t, s)

	s = reopen(t, path)
	if ago, ran, err := s.SinceRun(ctx, "keys:forget"); err != nil || !ran || ago < 0 {
		t.Errorf("the scheduled job ran %s ago, %v, %v", ago, ran, err)
	}
	if admitted, err := s.Admit(ctx, 3); err != nil || len(admitted) != 1 {
		t.Errorf("admitted %v, %v, want the one that waits", admitted, err)
	}
	if polls, err := s.Claim(ctx, store.Poll, 5); err != nil || len(polls) != 1 {
		t.Errorf("to poll: %v, %v", polls, err)
	}
	sends, err := s.Claim(ctx, store.Create, 5)
	if err != nil || len(sends) != 1 {
		t.Fatalf("to send: %v, %v", sends, err)
	}
	// The age of its key is not known: it must not be sent again.
	again, err := s.Begin(ctx, store.Create, sends)
	if err != nil || len(again) != 1 || !again[0].Search || again[0].First {
		t.Errorf("begun %+v, %v, want a look", again, err)
	}
	crash(t, s)
}
