package chaos

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"heyq/jobs"
)

// graph is where a video may go from each state.
var graph = map[string][]string{
	"queued":      {"submitting", "cancelled"},
	"submitting":  {"queued", "rendering", "failed", "cancelled"},
	"rendering":   {"downloading", "failed", "cancelled"},
	"downloading": {"completed", "failed", "cancelled"},
	"failed":      {"queued", "rendering", "downloading"},
	"cancelled":   {"queued", "rendering"},
	"completed":   {"downloading"}, // its file was lost
}

// I5: rows moved along the graph, run and claim only grew, and the worker that
// ended a run was the one that had begun it.
func (e evidence) rowsMovedByTheRules() Invariant {
	i := Invariant{Name: "I5", Promise: "rows moved by the rules"}
	entries := 0
	for id, list := range e.tape {
		entries += len(list)
		runner := "" // who began the present run
		for n := 1; n < len(list); n++ {
			before, now := list[n-1], list[n]
			if wrong := step(before, now, runner); wrong != "" {
				i.breach(fmt.Sprintf("%s: %s (by %s, %s)", id, wrong, now.Writer, now.At.Format(time.TimeOnly)))
			}
			if now.begins(before) {
				runner = now.Writer
			}
		}
	}
	i.Checked = count(entries, "change")
	return i
}

// step says what is wrong with one change of a row; empty: nothing.
func step(before, now entry, runner string) string {
	switch {
	case now.State != before.State && !slices.Contains(graph[before.State], now.State):
		return fmt.Sprintf("from %s to %s", before.State, now.State)
	case now.Run < before.Run:
		return fmt.Sprintf("run went from %d to %d", before.Run, now.Run)
	case now.Claim < before.Claim:
		return fmt.Sprintf("claim went from %d to %d", before.Claim, now.Claim)
	case now.Submission < before.Submission:
		return fmt.Sprintf("submission went from %d to %d", before.Submission, now.Submission)
	case now.Slot && !before.Slot && before.State != "queued" && !aliveAfterAll(before, now):
		return "got a slot while " + before.State
	case now.begins(before) && before.Leased:
		// The lease may have run out; a Begin that took a live one would show as
		// two ends, of which the fence lets one through.
		return ""
	case now.ends(before) && foreign(before, now, runner):
		return fmt.Sprintf("run %d was begun by %s and ended by another", before.Run, runner)
	}
	return ""
}

// aliveAfterAll reports whether a poll ended with the word that HeyGen renders what was
// doubted for so long that its slot was given up: then the row has one again, free or not.
func aliveAfterAll(before, now entry) bool {
	return now.ends(before) && now.State == before.State && before.HeyGenID != "" &&
		slices.Contains([]string{"rendering", "failed", "cancelled"}, before.State)
}

// foreign reports whether a worker ended a run that was not its own and that no
// rule lets it end: a person's cancel and retry come through the API, the gate
// voids queued rows, and the dispatcher ends a row that lapsed too often.
func foreign(before, now entry, runner string) bool {
	const mostLapses = 10
	switch {
	case now.Writer == runner, strings.HasPrefix(now.Writer, "api"):
		return false
	case before.State == "queued", before.Lapses >= mostLapses:
		return false
	}
	return true
}

// I7: a scheduled job ran no more often than it had ticks. What counts is when a
// run ended: a fault makes one late, and the next is on time again.
func (e evidence) jobsRanOnce() Invariant {
	i := Invariant{Name: "I7", Promise: "scheduled jobs ran once a tick", Checked: count(len(e.ticks), "run")}
	for _, entry := range jobs.Schedule {
		var runs []time.Time
		for _, t := range e.ticks {
			if t.Name == entry.Kind.Name {
				runs = append(runs, t.At)
			}
		}
		if len(runs) == 0 {
			continue
		}
		span := runs[len(runs)-1].Sub(runs[0])
		if most := 1 + int((span+latest)/(entry.Every*9/10)); len(runs) > most {
			i.breach(fmt.Sprintf("%s ran %d times within %s, and had %d ticks at most", entry.Kind.Name, len(runs), span.Round(time.Second), most))
		}
	}
	return i
}

// latest is how late a run may be: asynq gives the task of a dead worker to
// another one within 170 s.
const latest = 3 * time.Minute
