package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"heyq/cmd/heyq/internal/chaos"
	"heyq/cmd/heyq/internal/screen"
)

// chaosScreen shows a storm line by line, and what came of it.
type chaosScreen struct {
	screen *screen.Screen
	mu     sync.Mutex // faults overlap
}

func minutesOf(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }

// start says what is going to happen.
func (s *chaosScreen) start(o chaos.Options, proves string) {
	if proves != "" {
		s.screen.Printf("to prove: %s\n", screen.Bold(proves))
	}
	s.screen.Printf("%s over %s, seed %d: %s, 2 schedulers, 1 API, real Redis and Postgres, cap %d\n",
		screen.Bold(counted(o.Videos, "video")), o.Span, o.Seed, counted(o.Workers, "worker"), o.Slots)
	var parts []string
	for _, d := range o.Timing.Named() {
		if *d.Value > 0 {
			parts = append(parts, d.Name+" "+d.Value.String())
		}
	}
	s.screen.Println(screen.Dim("durations: " + strings.Join(parts, ", ")))
	s.screen.Println()
}

func (s *chaosScreen) tell(e chaos.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := screen.Dim(fmt.Sprintf("%6s.%d", screen.Elapsed(e.At), e.At.Milliseconds()/100%10))
	switch e.Kind {
	case chaos.FaultBegins:
		s.screen.Printf("%s  %s %-36s %-15s %s\n", at, screen.Bad("▼"), e.Fault.Name, e.Fault.On, screen.Dim(detail(e.Fault)))
	case chaos.FaultEnds:
		s.screen.Printf("%s  %s %s\n", at, screen.Good("▲"), screen.Dim(fmt.Sprintf("%-36s %-15s", e.Fault.Name, e.Fault.On)))
	case chaos.Progress:
		s.screen.Printf("%s  %s\n", at, stateWords(e.Counts))
	case chaos.Note:
		s.screen.Printf("%s  %s\n", at, e.Text)
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
			parts = append(parts, fmt.Sprintf("%s %d", screen.State(state), n))
		}
	}
	return strings.Join(parts, " · ")
}

// report shows what came of it.
func (s *chaosScreen) report(r chaos.Report) {
	s.screen.Println()
	s.recoveries(r.Recoveries)
	s.screen.Println()
	s.outcome(r)
	s.screen.Println()
	s.invariants(r.Invariants)
	mark, word := screen.Good("✓"), "every invariant held"
	if n := r.Broken(); n > 0 {
		mark, word = screen.Bad("✗"), counted(n, "invariant")+" did not hold"
	}
	s.screen.Printf("\n%s %s: %s, %s, seed %d, %s\n", mark, word, counted(r.Outcome.Promised, "video"),
		counted(len(r.Strikes), "fault"), r.Seed, screen.Elapsed(minutesOf(r.Seconds/60)))
}

// recoveries shows what was measured; faults that hit nothing are left out.
func (s *chaosScreen) recoveries(list []chaos.Recovery) {
	t := screen.Table{Headings: []string{"recovery from", "times\t", "rows\t", "p50\t", "p99\t", "max\t", "first move p50\t", "max\t"}}
	for _, r := range list {
		row := []string{r.Fault, fmt.Sprint(r.Strikes), fmt.Sprint(r.Rows), "", "", "", "", ""}
		if r.Rows > 0 {
			row[3], row[4], row[5] = seconds(r.P50.Seconds()), seconds(r.P99.Seconds()), seconds(r.Max.Seconds())
		}
		if r.Firsts > 0 {
			row[6], row[7] = seconds(r.FirstP50.Seconds()), seconds(r.FirstMax.Seconds())
		}
		if r.Rows+r.Firsts > 0 {
			t.Rows = append(t.Rows, row)
		}
	}
	s.screen.Table(t)
}

func (s *chaosScreen) outcome(r chaos.Report) {
	o := r.Outcome
	s.screen.Pairs(
		[2]string{"videos", stateWords(o.States)},
		[2]string{"failed as", tallied(o.Failures)},
		[2]string{"HeyGen", fmt.Sprintf("%s, at most %d in flight at once", counted(o.Renders, "paid render"), o.MaxInFlight)},
		[2]string{"customer", fmt.Sprintf("%s, %d tries, of which %d found heyq unable; %s, %s",
			counted(int(o.Requests), "request"), o.Tries, o.Unavailable, counted(int(o.Cancels), "cancel"), plural(int(o.Retries), "retry", "retries"))},
		[2]string{"ended by themselves", tallied(o.Exits)},
	)
}

func (s *chaosScreen) invariants(list []chaos.Invariant) {
	t := screen.Table{Headings: []string{"", "", "invariant", "looked at", "broken\t"}, Framed: true}
	for _, i := range list {
		mark, broken := screen.Good("✓"), "0"
		if i.Broken > 0 {
			mark, broken = screen.Bad("✗"), screen.Bad(fmt.Sprint(i.Broken))
		}
		t.Rows = append(t.Rows, []string{mark, i.Name, i.Promise, i.Checked, broken})
	}
	s.screen.Table(t)
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

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
