package live

import (
	"testing"
	"time"

	"heyq/store"
)

// took has ten videos that took 1 to 10 minutes to render, after a minute in line.
func took() (known []store.PhaseTimes) {
	for n := range 10 {
		known = append(known, store.PhaseTimes{Queue: time.Minute, Submit: time.Second, Render: time.Duration(n+1) * time.Minute, Download: 9 * time.Second})
	}
	return known
}

func TestOutlook(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for _, c := range []struct {
		name          string
		event         Event
		progress      int // -1: none
		at, low, high time.Duration
	}{
		{"new in line", Event{State: store.Queued, At: now, Began: now}, 0, 6*time.Minute + 10*time.Second, 2*time.Minute + 10*time.Second, 10*time.Minute + 10*time.Second},
		{"half of its time in line", Event{State: store.Queued, At: ago(30 * time.Second), Began: ago(30 * time.Second)}, 8, 5*time.Minute + 40*time.Second, 0, 0},
		{"begins in an hour", Event{State: store.Queued, At: now, Began: now.Add(time.Hour)}, 0, time.Hour + 6*time.Minute + 10*time.Second, 0, 0},
		{"renders for four minutes", Event{State: store.Rendering, At: ago(4 * time.Minute), Began: ago(5 * time.Minute)}, 61, 3*time.Minute + 9*time.Second, 0, 0},
		{"renders for longer than nearly all", Event{State: store.Rendering, At: ago(8 * time.Minute), Began: ago(9 * time.Minute)}, 10, 0, 0, 0},
		{"downloads", Event{State: store.Downloading, At: ago(2 * time.Second), Began: ago(6 * time.Minute)}, 98, 7 * time.Second, 7 * time.Second, 7 * time.Second},
		{"completed", Event{State: store.Completed, At: now, Began: now}, 100, 0, 0, 0},
		{"failed", Event{State: store.Failed, At: now, Began: now}, -1, 0, 0, 0},
	} {
		got := outlook(took(), c.event, now)
		if c.progress < 0 != (got.Progress == nil) || got.Progress != nil && *got.Progress != c.progress {
			t.Errorf("%s: progress is not %d, in %+v", c.name, c.progress, got)
		}
		if (c.at > 0) != (got.ETA != nil) {
			t.Errorf("%s: it is there at %v, want in %s", c.name, got.ETA, c.at)
			continue
		}
		if got.ETA == nil {
			continue
		}
		if in := got.ETA.At.Sub(now); in != c.at {
			t.Errorf("%s: it is there in %s, want %s", c.name, in, c.at)
		}
		if got.ETA.Low.After(got.ETA.At) || got.ETA.At.After(got.ETA.High) || c.low > 0 && (got.ETA.Low.Sub(now) != c.low || got.ETA.High.Sub(now) != c.high) {
			t.Errorf("%s: it is there between %s and %s, want %s and %s", c.name, got.ETA.Low.Sub(now), got.ETA.High.Sub(now), c.low, c.high)
		}
	}
}

// Nothing is promised if nothing is known.
func TestOutlook_of_a_new_heyq(t *testing.T) {
	t.Parallel()
	now := time.Now()
	last := -1
	for _, state := range []store.State{store.Queued, store.Submitting, store.Rendering, store.Downloading, store.Completed} {
		got := outlook(nil, Event{State: state, At: now, Began: now}, now)
		if got.ETA != nil || got.Progress == nil || *got.Progress <= last {
			t.Errorf("%s: got %v and %v after %d", state, got.Progress, got.ETA, last)
		}
		last = *got.Progress
	}
}

func TestParsePlace(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0-0", "1924938000000-3", "18446744073709551615-18446744073709551615"} {
		if p, ok := ParsePlace(s); !ok || p.String() != s {
			t.Errorf("%s is %s, %t", s, p, ok)
		}
	}
	for _, s := range []string{"", "1", "1-", "-1", "01-0", "+1-0", " 1-0", "1-0 ", "1-0-0", "18446744073709551616-0", "1-0\n", "$", "x-y"} {
		if p, ok := ParsePlace(s); ok {
			t.Errorf("%q is %s", s, p)
		}
	}
}
