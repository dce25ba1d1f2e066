package handlers

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"heyq/store"
)

const testLease = 20 * time.Second

// runLeases returns leases that are renewed until the test ends.
func runLeases(t *testing.T, s *fakeStore) *leases {
	l := newLeases(s, testLease, zerolog.Nop())
	go func() { _ = l.run(t.Context()) }()
	return l
}

// begin begins a row and registers its run.
func (l *leases) begin(t *testing.T, s *fakeStore, c store.Claim) (context.Context, func()) {
	t.Helper()
	runs, err := s.Begin(t.Context(), store.Download, []store.Claim{c})
	if err != nil || len(runs) != 1 {
		t.Fatalf("began %v, %v", runs, err)
	}
	return l.start(t.Context(), runs)
}

func TestLeases_end_only_the_run_that_lost_its_own(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFakeStore()
		l := runLeases(t, s)
		lost, kept := s.add(store.Downloading), s.add(store.Downloading)
		lostCtx, stopLost := l.begin(t, s, lost)
		defer stopLost()
		keptCtx, stopKept := l.begin(t, s, kept)
		defer stopKept()

		time.Sleep(testLease)
		if lostCtx.Err() != nil || keptCtx.Err() != nil {
			t.Fatal("a context ended though its lease was renewed")
		}
		s.steal(lost.Video)
		start := time.Now()
		<-lostCtx.Done()
		if took := time.Since(start); took > testLease/4 {
			t.Errorf("the loss was noticed after %s, want within a quarter of the lease", took)
		}
		if !errors.Is(context.Cause(lostCtx), errLeaseLost) {
			t.Errorf("ended by %v", context.Cause(lostCtx))
		}
		time.Sleep(testLease)
		if keptCtx.Err() != nil {
			t.Error("the other run ended as well")
		}
	})
}

func TestLeases_survive_a_store_that_is_away(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFakeStore()
		l := runLeases(t, s)
		ctx, stop := l.begin(t, s, s.add(store.Downloading))
		defer stop()
		waiting := s.add(store.Downloading)
		if err := l.wait(t.Context(), []store.Claim{waiting}); err != nil {
			t.Fatal(err)
		}
		s.fail(errAway)
		time.Sleep(10 * testLease)
		if ctx.Err() != nil {
			t.Error("the run was ended by an error, which proves nothing")
		}
		if !l.mayBegin(waiting) {
			t.Error("the claim was dropped by an error, which proves nothing")
		}
	})
}

func TestLeases_of_one_call_do_not_end_it_for_the_others(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFakeStore()
		l := runLeases(t, s)
		claims := s.addMany(3, store.Rendering)
		runs, err := s.Begin(t.Context(), store.Poll, claims)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := l.start(t.Context(), runs)
		s.steal(claims[1].Video)
		time.Sleep(testLease)
		if ctx.Err() != nil {
			t.Error("one lost lease ended the call")
		}
		stop()
		if ctx.Err() == nil || len(l.running) != 0 {
			t.Errorf("after its end %d leases are renewed", len(l.running))
		}
	})
}

func TestLeases_hold_what_waits_until_it_is_released(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFakeStore()
		l := runLeases(t, s)
		claims := s.addMany(3, store.Downloading)
		if err := l.wait(t.Context(), claims); err != nil {
			t.Fatal(err)
		}
		compare(t, "held at once", s.held, claims)
		s.steal(claims[1].Video)
		time.Sleep(testLease / 2)
		var may []bool
		for _, c := range claims {
			may = append(may, l.mayBegin(c))
		}
		compare(t, "may begin", may, []bool{true, false, true})

		before := len(s.held)
		time.Sleep(testLease)
		compare(t, "held after release", s.held[before:], []store.Claim{})
		if !l.mayBegin(claims[0]) {
			t.Error("a claim that is not held may not begin")
		}
	})
}

func TestLeases_never_hold_what_began_meanwhile(t *testing.T) {
	t.Parallel()
	s := newFakeStore()
	l := newLeases(s, testLease, zerolog.Nop())
	claim := s.add(store.Downloading)
	if err := l.wait(t.Context(), []store.Claim{claim}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(t.Context(), store.Download, []store.Claim{claim}); err != nil { // by another process
		t.Fatal(err)
	}
	if err := l.hold(t.Context(), l.waiting()); err != nil {
		t.Fatal(err)
	}
	if l.mayBegin(claim) {
		t.Error("a claim that somebody has begun may begin")
	}
}

// mayBegin releases one claim.
func (l *leases) mayBegin(c store.Claim) bool { return len(l.release([]store.Claim{c})) == 1 }
