package identity_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/policy"
	"heyq/operate/identity"
	"heyq/store"
)

// database is a store that knows its installation.
type database struct {
	mu sync.Mutex
	store.Installation
	paused  string
	settled bool
	counts  map[store.State]int
}

func newDatabase() *database { return &database{Installation: store.Installation{ID: uuid.New()}} }

func (d *database) installation() store.Installation {
	defer d.lock()()
	return d.Installation
}

// lock is for a test whose keeper runs: defer d.lock()().
func (d *database) lock() (unlock func()) {
	d.mu.Lock()
	return d.mu.Unlock
}

// stored makes a database a Store.
type stored struct{ *database }

func (s stored) Installation(context.Context) (store.Installation, error) {
	return s.installation(), nil
}

func (s stored) RememberAccount(_ context.Context, account string) error {
	defer s.lock()()
	s.Account = account
	return nil
}

func (s stored) Settle(context.Context) error {
	defer s.lock()()
	s.Home, s.settled = s.Here, true
	return nil
}

func (s stored) Advance(_ context.Context, least int64) (int64, error) {
	defer s.lock()()
	s.Generation = max(s.Generation, least) + 1
	return s.Generation, nil
}

func (s stored) NoteSetBack(context.Context) error {
	defer s.lock()()
	s.SetBack = time.Now()
	return nil
}

func (s stored) PauseAdmission(_ context.Context, reason string) (store.Admission, error) {
	defer s.lock()()
	s.paused = reason
	return store.Admission{State: store.Paused, Reason: reason}, nil
}

func (s stored) Counts(context.Context) (map[store.State]int, error) { return s.counts, nil }

// place keeps a mark in memory.
type place struct {
	mu   sync.Mutex
	mark identity.Mark
	err  error
}

func (*place) Name() string { return "the shelf" }

func (p *place) Mark(context.Context) (identity.Mark, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mark, p.err
}

func (p *place) SetMark(_ context.Context, m identity.Mark) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mark = m
	return p.err
}

func keeper(d *database, account string, places ...*place) *identity.Keeper {
	o := identity.Options{Store: stored{d}, Log: zerolog.Nop()}
	for _, p := range places {
		o.Places = append(o.Places, p)
	}
	if account != "" {
		o.Account = func(context.Context) (string, error) { return account, nil }
	}
	return identity.New(o)
}

// wantConflict fails the test unless err is a refusal with all of these words.
func wantConflict(t *testing.T, err error, words ...string) {
	t.Helper()
	if fault.CodeOf(err) != fault.Conflict {
		t.Fatalf("got %v, want a conflict", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

func start(t *testing.T, k *identity.Keeper) {
	t.Helper()
	if err := k.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestStart_marks_what_is_nobodys(t *testing.T) {
	t.Parallel()
	d, shelf := newDatabase(), &place{}
	d.Generation = 7
	start(t, keeper(d, "ada", shelf))
	if want := (identity.Mark{Installation: d.ID, Generation: 7}); shelf.mark != want {
		t.Errorf("the mark is %v, want %v", shelf.mark, want)
	}
	if d.Account != "ada" || d.paused != "" {
		t.Errorf("the account is %q, and admission %q", d.Account, d.paused)
	}
	start(t, keeper(d, "ada", shelf)) // once more
}

func TestStart_refuses_what_is_anothers(t *testing.T) {
	t.Parallel()
	d, other := newDatabase(), uuid.New()
	shelf := &place{mark: identity.Mark{Installation: other}}
	wantConflict(t, keeper(d, "", shelf).Start(t.Context()), "the shelf", other.String(), d.ID.String(), "heyq adopt")
	if shelf.mark.Installation != other {
		t.Error("the mark was replaced")
	}
}

func TestStart_does_without_what_is_away(t *testing.T) {
	t.Parallel()
	start(t, keeper(newDatabase(), "", &place{err: errors.New("away")}))
}

func TestStart_refuses_the_key_of_another_account(t *testing.T) {
	t.Parallel()
	d := newDatabase()
	d.Account = "ada"
	wantConflict(t, keeper(d, "eve").Start(t.Context()), "eve", "ada", d.ID.String(), "heyq adopt")
	wantConflict(t, keeper(d, store.SimulatorAccount).Start(t.Context()), "ada", "never takes the simulator")
	if d.Account != "ada" {
		t.Errorf("the account is %q by now", d.Account)
	}
}

// Renders that the simulator was asked for must not become expensive unseen.
func TestStart_tells_that_the_simulator_is_left(t *testing.T) {
	t.Parallel()
	for open, want := range map[int]string{0: "", 3: "3 videos"} {
		d := newDatabase()
		d.Account, d.counts = store.SimulatorAccount, map[store.State]int{store.Queued: open, store.Completed: 9}
		start(t, keeper(d, "ada"))
		if d.Account != "ada" || !strings.Contains(d.paused, want) || (want == "") != (d.paused == "") {
			t.Errorf("with %d open: the account is %q, and admission is paused for %q", open, d.Account, d.paused)
		}
	}
}

func TestStart_notices_a_database_that_was_set_back(t *testing.T) {
	t.Parallel()
	d := newDatabase()
	d.Generation = 5
	behind, ahead := &place{mark: identity.Mark{Installation: d.ID, Generation: 4}}, &place{mark: identity.Mark{Installation: d.ID, Generation: 9}}
	start(t, keeper(d, "", behind, ahead))
	if d.paused != store.SetBackReason || d.Generation != 10 || d.SetBack.IsZero() {
		t.Errorf("admission is paused for %q, the generation is %d, and it was set back at %s", d.paused, d.Generation, d.SetBack)
	}
	if behind.mark.Generation != 10 || ahead.mark.Generation != 10 {
		t.Errorf("the marks are %v and %v", behind.mark, ahead.mark)
	}
	d.paused = ""
	start(t, keeper(d, "", behind, ahead))
	if d.paused != "" {
		t.Error("it is told a second time")
	}
}

// A copy must not take production's tasks; with places of its own it sends nothing
// until the operator says that it may.
func TestStart_of_a_copied_database(t *testing.T) {
	t.Parallel()
	d := newDatabase()
	d.Home, d.Here = "server/1", "server/2"
	shared := &place{mark: identity.Mark{Installation: d.ID, Home: "server/1"}}
	wantConflict(t, keeper(d, "", shared).Start(t.Context()), "a copy of that database", "server/1", "server/2")

	own := &place{}
	start(t, keeper(d, "", own))
	if d.paused != store.CopiedReason || !d.settled || own.mark.Home != "server/2" {
		t.Errorf("admission is paused for %q, settled: %v, the mark is %v", d.paused, d.settled, own.mark)
	}
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	d, other := newDatabase(), uuid.New()
	d.Account, d.Here, d.Home = "ada", "server/2", "server/1"
	theirs := &place{mark: identity.Mark{Installation: other, Generation: 99}}
	older := &place{mark: identity.Mark{Installation: d.ID, Home: "server/1", Generation: 3}}
	var told []string
	if err := keeper(d, "eve", theirs, older).Adopt(t.Context(), func(s string) { told = append(told, s) }); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{other.String(), store.SetBackReason, "eve takes the place of ada"} {
		if !strings.Contains(all, want) {
			t.Errorf("nobody is told %q: %s", want, all)
		}
	}
	if d.paused == "" || d.Account != "eve" || d.Home != d.Here {
		t.Errorf("left as %+v", d)
	}
	start(t, keeper(d, "eve", theirs, older))
}

func TestOwns_asks_now(t *testing.T) {
	t.Parallel()
	d, shelf := newDatabase(), &place{}
	k := keeper(d, "", shelf)
	start(t, k)
	if err := k.Owns(t.Context()); err != nil {
		t.Fatal(err)
	}
	shelf.mark.Installation = uuid.New()
	wantConflict(t, k.Owns(t.Context()), "the shelf")
	shelf.err = errors.New("away")
	if err := k.Owns(t.Context()); !errors.Is(err, shelf.err) {
		t.Errorf("a place that does not answer is taken for ours: %v", err)
	}
}

// Nothing but the question is asked of HeyGen before the account is known.
func TestPermit(t *testing.T) {
	t.Parallel()
	d, away := newDatabase(), errors.New("away")
	k := identity.New(identity.Options{Store: stored{d}, Log: zerolog.Nop(), Account: func(context.Context) (string, error) { return "", away }})
	start(t, k)
	if err := k.Permit("me"); err != nil {
		t.Error(err)
	}
	for _, call := range []string{"create", "statuses", "delete"} {
		if err := k.Permit(call); policy.RefusalIn(err) == nil {
			t.Errorf("%s: got %v, want a refusal", call, err)
		}
	}
	away = nil
	start(t, k)
	if err := k.Permit("create"); err != nil {
		t.Error(err)
	}
}

// A HeyGen that does not say whose the key is keeps everything else waiting for a minute.
func TestPermit_after_a_minute_without_an_answer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		k := identity.New(identity.Options{Store: stored{newDatabase()}, Log: zerolog.Nop(), Account: func(context.Context) (string, error) {
			asked.Add(1)
			return "", errors.New("away")
		}})
		start(t, k)
		run(t, k)
		for {
			synctest.Wait()
			err := k.Permit("create")
			if wants := asked.Load() >= 60; (err == nil) != wants {
				t.Fatalf("asked %d times: %v", asked.Load(), err)
			} else if wants {
				break
			}
			time.Sleep(time.Second)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := asked.Load(); n != 60 {
			t.Errorf("it was asked %d times, want 60", n)
		}
	})
}

// run runs a keeper in a bubble, and returns what ends it.
func run(t *testing.T, k *identity.Keeper) <-chan error {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- k.Run(t.Context()) }()
	return ended
}

func TestRun_counts_creates_and_marks_anew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, queues := newDatabase(), &place{}
		k := keeper(d, "", queues)
		start(t, k)
		run(t, k)
		want := func(generation int64, paused string) {
			t.Helper()
			time.Sleep(61 * time.Second) // between two ticks
			defer d.lock()()
			m, _ := queues.Mark(t.Context())
			if d.Generation != generation || m.Generation != generation || m.Installation != d.ID || d.paused != paused {
				t.Errorf("it is at generation %d, the mark is %v, and admission is paused for %q; want %d and %q", d.Generation, m, d.paused, generation, paused)
			}
		}
		want(0, "") // it is idle
		for range 100 {
			_ = k.Permit("create")
		}
		want(1, "")
		_ = queues.SetMark(t.Context(), identity.Mark{}) // it came back empty
		want(1, "")
		func() {
			defer d.lock()()
			d.Generation = 0 // restored under the process
		}()
		_ = k.Permit("create")
		want(2, store.SetBackReason)
	})
}

func TestRun_ends_where_another_has_taken_over(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, queues := newDatabase(), &place{}
		k := keeper(d, "", queues)
		start(t, k)
		ended := run(t, k)
		_ = queues.SetMark(t.Context(), identity.Mark{Installation: uuid.New()})
		wantConflict(t, <-ended, "the shelf")
	})
}
