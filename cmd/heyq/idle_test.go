//go:build linux

package main

import (
	"os"
	"testing"
	"time"
)

// testDuration is a length that a figure wants longer than a test does.
func testDuration(t *testing.T, name string, otherwise time.Duration) time.Duration {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		return otherwise
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

// watched is what processes had used and said when the watch began.
type watched struct {
	start    time.Time
	children map[string]*child
	cpu      map[string]time.Duration
	lines    map[string]int
}

func startWatch(t *testing.T, children map[string]*child) *watched {
	t.Helper()
	w := &watched{time.Now(), children, map[string]time.Duration{}, map[string]int{}}
	for name, c := range children {
		w.cpu[name], w.lines[name] = c.cpu(t), c.logged()
	}
	return w
}

// wantIdle logs what they have used and said since, and fails the test if that
// is more than an idle process should.
func (w *watched) wantIdle(t *testing.T, when string) {
	t.Helper()
	took := time.Since(w.start)
	for name, c := range w.children {
		share := 100 * float64(c.cpu(t)-w.cpu[name]) / float64(took)
		lines := c.logged() - w.lines[name]
		t.Logf("%s, %s for %s: %.1f %% of a core, %d log lines", name, when, took.Round(time.Second), share, lines)
		if share > 20 {
			t.Errorf("%s: %.1f %% of a core", name, share)
		}
		if lines > 10+2*int(took.Seconds()) {
			t.Errorf("%s: %d log lines in %s", name, lines, took)
		}
	}
}
