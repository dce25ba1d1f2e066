package handlers

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSendDeadline(t *testing.T) {
	t.Parallel()
	const limit = 15 * time.Second
	for _, c := range []struct {
		name            string
		monotonic, wall time.Duration
		late            bool
	}{
		{"at once", 0, 0, false},
		{"just in time", limit - 1, limit - 1, false},
		{"late by both clocks", limit, limit, true},
		{"the machine slept: only the wall clock went on", time.Second, limit, true},
		{"the wall clock was set back a little", 10 * time.Second, -time.Second, false},
		{"set back, and late by the monotonic one", limit, -time.Second, true},
		{"set back so far that it could hide a sleep", time.Second, -limit, true},
		{"set forward", time.Second, time.Hour, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := sendDeadline{limit: limit, elapsed: func() (time.Duration, time.Duration) { return c.monotonic, c.wall }}
			if late := errors.Is(g.check(), errTooLate); late != c.late {
				t.Errorf("too late: %v, want %v", late, c.late)
			}
		})
	}
}

func TestNewSendDeadline_passes_for_three_quarters_of_the_lease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newSendDeadline(20 * time.Second)
		time.Sleep(15*time.Second - time.Nanosecond)
		if err := g.check(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Nanosecond)
		if err := g.check(); !errors.Is(err, errTooLate) {
			t.Errorf("got %v after three quarters of the lease", err)
		}
	})
}
