package alert

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"heyq/internal/stats"
)

// done is what a process counted of one type.
func done(total, failed, seconds int64) map[stats.Type]stats.Counts {
	return map[stats.Type]stats.Counts{stats.Database: {Total: total, Failed: failed, Timed: total, Time: time.Duration(seconds) * time.Second}}
}

// wantRate measures, minutes after noon, and compares the one rate; the zero
// value stands for none.
func (m *memory) wantRate(t *testing.T, minute int, now Operations, want Rate) {
	t.Helper()
	got := m.measure(noon.Add(time.Duration(minute)*time.Minute), now)
	wanted := map[string]Rate{"database": want}
	if want == (Rate{}) {
		wanted = nil
	}
	if diff := cmp.Diff(wanted, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("minute %d (-want +got):\n%s", minute, diff)
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.wantRate(t, 0, Operations{"a": done(1_000_000, 500_000, 1000)}, Rate{})                        // whatever happened before the watch began
	m.wantRate(t, 1, Operations{"a": done(1_000_019, 500_019, 1019)}, Rate{19, 19, 19, time.Second}) // too few to start an alert
	m.wantRate(t, 2, Operations{"a": done(1_000_100, 500_020, 1050)}, Rate{100, 20, 100, 500 * time.Millisecond})
	m.wantRate(t, 5, Operations{"a": done(1_000_200, 500_020, 1150)}, Rate{200, 20, 200, 750 * time.Millisecond})
	m.wantRate(t, 7, Operations{"a": done(1_000_300, 500_020, 1250)}, Rate{200, 0, 200, time.Second}) // the first two minutes are over
	m.wantRate(t, 20, Operations{"a": done(1_009_300, 509_020, 2250)}, Rate{})                        // there was no round for long
	if len(m.Intervals) != 0 {
		t.Errorf("%d intervals are kept", len(m.Intervals))
	}
}

// A process that begins or ends brings or takes its counts at once. Neither may
// look like operations of the last minutes.
func TestMeasure_compares_only_who_was_there(t *testing.T) {
	t.Parallel()
	m := &memory{}
	old := done(10_000, 9_000, 10)
	m.wantRate(t, 0, Operations{"a": done(1000, 10, 10), "b": old}, Rate{})
	m.wantRate(t, 1, Operations{"a": done(1100, 10, 20), "b": old}, Rate{100, 0, 100, 100 * time.Millisecond})
	m.wantRate(t, 2, Operations{"a": done(1200, 10, 30)}, Rate{200, 0, 200, 100 * time.Millisecond})                 // b has ended
	m.wantRate(t, 3, Operations{"a": done(1300, 10, 40), "b": old}, Rate{300, 0, 300, 100 * time.Millisecond})       // or was not seen for a moment
	m.wantRate(t, 4, Operations{"b": old, "c": done(50_000, 50_000, 10)}, Rate{300, 0, 300, 100 * time.Millisecond}) // others have begun
	m.wantRate(t, 5, Operations{"c": done(50_100, 50_050, 20)}, Rate{400, 50, 400, 100 * time.Millisecond})
	m.wantRate(t, 6, nil, Rate{300, 50, 300, 100 * time.Millisecond})
	m.wantRate(t, 7, Operations{"c": done(10, 0, 1)}, Rate{200, 50, 200, 100 * time.Millisecond})
}

// A type that a process had not counted when it was last seen is all new.
func TestMeasure_counts_a_new_type_of_an_old_process(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.wantRate(t, 0, Operations{"a": {}}, Rate{})
	m.wantRate(t, 1, Operations{"a": done(40, 4, 4)}, Rate{40, 4, 40, 100 * time.Millisecond})
}

// A clock that was set back is no reason for a rate over a negative time.
func TestMeasure_with_a_clock_that_is_set_back(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.wantRate(t, 5, Operations{"a": done(1000, 0, 10)}, Rate{})
	m.wantRate(t, 4, Operations{"a": done(2000, 0, 20)}, Rate{})
}
