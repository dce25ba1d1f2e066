package alert

import (
	"slices"
	"time"

	"heyq/internal/stats"
)

// Operations are what processes counted: by the name of the process, which no
// later one has, and then by type.
type Operations = map[string]map[stats.Type]stats.Counts

// Rate is how operations of a type went over the last minutes.
type Rate struct {
	Total, Failed int64
	Timed         int64 // those that Average is of
	Average       time.Duration
}

// Success is how many of a hundred succeeded.
func (r Rate) Success() float64 {
	if r.Total == 0 {
		return 100
	}
	return 100 * float64(r.Total-r.Failed) / float64(r.Total)
}

// What a rate is measured over. Fewer operations than fewest start no alert: one failure
// of three is a third. They end one, if none failed or if there were none.
const (
	window = 5 * time.Minute
	fewest = 20
)

// interval is what was done between two rounds.
type interval struct {
	Begin  time.Time                   `json:"begin"`
	End    time.Time                   `json:"end"`
	Counts map[stats.Type]stats.Counts `json:"counts"`
}

// measure notes what was done since the last round, and returns the rates over the
// last minutes.
//
// It compares only processes that both rounds saw. If this round is the first to
// see a process, its counts may be as old as the process. If a process has ended
// since the last round, what it did until its end is unknown. Either would make a
// rate that the logs do not explain.
func (m *memory) measure(at time.Time, now Operations) map[string]Rate {
	last, lastAt := m.Counted, m.CountedAt
	m.Counted, m.CountedAt = now, at
	m.Intervals = slices.DeleteFunc(m.Intervals, func(i interval) bool { return at.Sub(i.Begin) > window || i.End.After(at) })
	if at.Sub(lastAt) > window || !lastAt.Before(at) {
		return nil
	}
	m.Intervals = append(m.Intervals, interval{lastAt, at, growth(last, now)})
	sums := map[stats.Type]stats.Counts{}
	for _, i := range m.Intervals {
		add(sums, i.Counts)
	}
	rates := map[string]Rate{}
	for name, sum := range sums {
		rates[string(name)] = Rate{sum.Total, sum.Failed, sum.Timed, sum.Time / time.Duration(max(1, sum.Timed))}
	}
	return rates
}

// growth sums up, by type, what the processes did that are in both.
func growth(was, now Operations) map[stats.Type]stats.Counts {
	sums := map[stats.Type]stats.Counts{}
	for process, counts := range now {
		for name, n := range counts {
			w := was[process][name]
			done := stats.Counts{Total: n.Total - w.Total, Failed: n.Failed - w.Failed, Timed: n.Timed - w.Timed, Time: n.Time - w.Time}
			if was[process] != nil && done.Total >= 0 && done.Failed >= 0 && done.Timed >= 0 && done.Time >= 0 {
				add(sums, map[stats.Type]stats.Counts{name: done})
			}
		}
	}
	return sums
}

func add(to, more map[stats.Type]stats.Counts) {
	for name, c := range more {
		sum := to[name]
		to[name] = stats.Counts{Total: sum.Total + c.Total, Failed: sum.Failed + c.Failed, Timed: sum.Timed + c.Timed, Time: sum.Time + c.Time}
	}
}
