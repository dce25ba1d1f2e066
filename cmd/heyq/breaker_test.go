//go:build linux

package main

import (
	"strings"
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

// HeyGen is down for creates: two workers stop calling it, no attempt is counted
// for what was not sent, each lets one probe through every few seconds, and when HeyGen is
// back everything completes, and is rendered once.
func TestE2E_breaker_stops_calls_and_burns_no_attempt(t *testing.T) {
	t.Parallel()
	const videos = 40
	f := newFleet(t, simulator.Options{Concurrency: videos, RenderTime: 100 * time.Millisecond},
		"HEYGEN_CONCURRENCY=40", "HEYQ_BREAKER_OPEN=2s", "HEYQ_CREATE_CONCURRENCY=4")
	goWrong(t, f, simulator.Rule{On: "create", Fault: "error_500"})
	_, api := f.startAPI(t)
	f.order(t, api, videos)
	workers := []*child{f.start(t, "worker"), f.start(t, "worker")}
	for _, w := range workers {
		if line := w.waitFor(t, "the breaker opens"); !strings.Contains(line, "it answered 500 Internal Server Error") {
			t.Errorf("the cause is not told: %s", line)
		}
	}

	// Of five probes one worker has made three, and so two waits are over.
	before := fired(f)
	start := time.Now()
	testkit.Eventually(t, func() error {
		if fired(f) < before+5 {
			return &silent{"a fifth probe"}
		}
		return nil
	})
	if took := time.Since(start); took < 4*time.Second {
		t.Errorf("five probes of two workers passed within %s, at one in 2s", took)
	}

	// What was sent counts, and nothing else does.
	db := f.sql(t)
	testkit.Eventually(t, func() error {
		sent := fired(f)
		var attempts, open int
		err := db.QueryRow(t.Context(), `SELECT sum(attempt), count(*) FILTER (WHERE lease_until IS NOT NULL) FROM videos`).Scan(&attempts, &open)
		if err != nil {
			return err
		}
		if open > 0 || fired(f) != sent { // it changes right now
			return &silent{"a moment of rest"}
		}
		if attempts != sent {
			t.Errorf("%d attempts are counted, and %d creates were sent", attempts, sent)
		}
		return nil
	})
	t.Logf("%d creates were sent while HeyGen was down", fired(f))

	goWrong(t, f)
	f.wantAllOnce(t, db, videos)
	for _, w := range workers {
		w.waitFor(t, "the breaker closes")
	}
}

func goWrong(t *testing.T, f *fleet, rules ...simulator.Rule) {
	t.Helper()
	if err := f.simulator.SetFaults(simulator.Faults{Rules: rules}); err != nil {
		t.Fatal(err)
	}
}

// fired is how many creates the simulator has failed.
func fired(f *fleet) int {
	_, counts := f.simulator.Faults()
	return counts["create/error_500"]
}
