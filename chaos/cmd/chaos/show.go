package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"heyq/chaos"
)

// show writes a storm line by line, and what came of it.
type show struct {
	out io.Writer
	mu  sync.Mutex // faults overlap
}

func (s *show) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// start says what is going to happen.
func (s *show) start(o chaos.Options, proves string) {
	if proves != "" {
		s.printf("to prove: %s\n", proves)
	}
	s.printf("%s of %s over %s, seed %d: %s, 2 schedulers, 1 API, real Redis and Postgres, cap %d\n",
		plural(o.Videos, "video", "videos"), plural(max(1, o.Users), "user", "users"), o.Span, o.Seed, plural(o.Workers, "worker", "workers"), o.Slots)
	var parts []string
	for _, d := range o.Timing.Named() {
		if *d.Value > 0 {
			parts = append(parts, d.Name+" "+d.Value.String())
		}
	}
	s.printf("durations: %s\n\n", strings.Join(parts, ", "))
}

func (s *show) tell(e chaos.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := fmt.Sprintf("%9s", e.At.Truncate(100*time.Millisecond))
	switch e.Kind {
	case chaos.FaultBegins:
		s.printf("%s  ▼ %-36s %-15s %s\n", at, e.Fault.Name, e.Fault.On, detail(e.Fault))
	case chaos.FaultEnds:
		s.printf("%s  ▲ %-36s %s\n", at, e.Fault.Name, e.Fault.On)
	case chaos.Progress:
		s.printf("%s  %s\n", at, stateWords(e.Counts))
	case chaos.Note:
		s.printf("%s  %s\n", at, e.Text)
	}
}

// detail is what is to be said about a fault besides its name.
func detail(f *chaos.Strike) string {
	var parts []string
	if f.For > 0 {
		parts = append(parts, "for "+f.For.String())
	}
	for _, part := range []string{f.Detail, f.Said} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if f.Err != "" {
		parts = append(parts, "went wrong: "+f.Err)
	}
	return strings.Join(parts, ", ")
}

// stateWords reads counts out in the order of the line.
func stateWords(counts map[string]int) string {
	var parts []string
	for _, state := range []string{"queued", "submitting", "rendering", "downloading", "completed", "failed", "cancelled"} {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", state, n))
		}
	}
	return strings.Join(parts, " · ")
}

// report shows what came of it.
func (s *show) report(r chaos.Report) {
	s.printf("\n")
	s.recoveries(r.Recoveries)
	s.printf("\n")
	s.outcome(r.Outcome)
	s.printf("\n")
	s.invariants(r.Invariants)
	mark, word := "✓", "every invariant held"
	if n := r.Broken(); n > 0 {
		mark, word = "✗", plural(n, "invariant", "invariants")+" did not hold"
	}
	s.printf("\n%s %s: %s, %s, seed %d, %s\n", mark, word, plural(r.Outcome.Promised, "video", "videos"),
		plural(len(r.Strikes), "fault", "faults"), r.Seed, minutesOf(r.Seconds/60).Truncate(time.Second))
}

// recoveries shows what was measured; faults that hit nothing are left out.
func (s *show) recoveries(list []chaos.Recovery) {
	rows := [][]string{{"recovery from", "times", "rows", "p50", "p99", "max", "first move p50", "max"}}
	for _, r := range list {
		row := []string{r.Fault, fmt.Sprint(r.Strikes), fmt.Sprint(r.Rows), "", "", "", "", ""}
		if r.Rows > 0 {
			row[3], row[4], row[5] = seconds(r.P50), seconds(r.P99), seconds(r.Max)
		}
		if r.Firsts > 0 {
			row[6], row[7] = seconds(r.FirstP50), seconds(r.FirstMax)
		}
		if r.Rows+r.Firsts > 0 {
			rows = append(rows, row)
		}
	}
	table(s.out, rows)
}

func (s *show) outcome(o chaos.Outcome) {
	table(s.out, [][]string{
		{"videos", stateWords(o.States)},
		{"failed as", tallied(o.Failures)},
		{"HeyGen", fmt.Sprintf("%s, at most %d in flight at once", plural(o.Renders, "paid render", "paid renders"), o.MaxInFlight)},
		{"customer", fmt.Sprintf("%s, %d tries, of which %d found heyq unable; %s, %s",
			plural(int(o.Requests), "request", "requests"), o.Tries, o.Unavailable, plural(int(o.Cancels), "cancel", "cancels"), plural(int(o.Retries), "retry", "retries"))},
		{"turns", fmt.Sprintf("%s given while two users or more waited, %.1f %% of them to others than the weights say; at most %.1f too many or too few to one; %s of weights and bounds",
			plural(o.Turns.Contested, "slot", "slots"), 100*o.Turns.Elsewhere, o.Turns.Most, plural(o.Turns.Changes, "change", "changes"))},
		{"ended by themselves", tallied(o.Exits)},
	})
}

func (s *show) invariants(list []chaos.Invariant) {
	rows := [][]string{{"", "", "invariant", "looked at", "broken"}}
	for _, i := range list {
		mark := "✓"
		if i.Broken > 0 {
			mark = "✗"
		}
		rows = append(rows, []string{mark, i.Name, i.Promise, i.Checked, fmt.Sprint(i.Broken)})
	}
	table(s.out, rows)
}

// table writes rows with their cells under each other.
func table(w io.Writer, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	t.Flush()
}

// tallied writes counts by name, the largest first.
func tallied(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%s %d", name, counts[name])
	}
	return strings.Join(parts, " · ")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
