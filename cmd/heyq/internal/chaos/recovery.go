package chaos

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// I8: each fault's recovery was measured.
func (e evidence) recoveriesAreKnown() Invariant {
	i := Invariant{Name: "I8", Promise: "every recovery was measured"}
	struck, samples := 0, 0
	for _, s := range e.strikes {
		found, stuck := e.recoveriesFrom(s)
		struck++
		samples += len(found)
		for _, culprit := range stuck {
			i.breach(fmt.Sprintf("after %s on %s at %s: %s", s.Name, s.On, s.Began.Format(time.TimeOnly), culprit))
		}
		if s.Err != "" {
			i.breach(fmt.Sprintf("%s on %s did not go as planned: %s", s.Name, s.On, s.Err))
		}
	}
	i.Checked = count(struck, "fault") + ", " + count(samples, "sample")
	return i
}

// recoveries sums the samples up by the name of the fault.
func (e evidence) recoveries() []Recovery {
	samples, strikes := map[string][]time.Duration{}, map[string]int{}
	for _, s := range e.strikes {
		found, _ := e.recoveriesFrom(s)
		samples[s.Name] = append(samples[s.Name], found...)
		strikes[s.Name]++
	}
	var list []Recovery
	for _, name := range slices.Sorted(maps.Keys(strikes)) {
		all := samples[name]
		slices.Sort(all)
		list = append(list, Recovery{
			Fault: name, Strikes: strikes[name], Samples: len(all),
			P50: percentile(all, 50), P99: percentile(all, 99), Max: percentile(all, 100),
		})
	}
	return list
}

// recoveriesFrom measures one fault.
//
// Where a worker was hit: for each row that it was running, or holding for
// later, the time from the strike until the row was begun again or had moved on.
// Everywhere else: for each row that was dispatched and not begun when the fault
// was over, or was being worked on, the time from then until it was begun or
// moved on. A row that never did is stuck.
func (e evidence) recoveriesFrom(s Strike) (samples []time.Duration, stuck []string) {
	since, concerned := s.Ended, waitingThen
	if strings.HasPrefix(s.On, "worker") {
		since = s.Began
		concerned = func(list []entry, at int) bool { return heldBy(list, at, s.On) }
	}
	for id, list := range e.tape {
		at := lastBefore(list, since)
		if at < 0 || !concerned(list, at) {
			continue
		}
		if n := slices.IndexFunc(list[at+1:], wentOn(list, at)); n >= 0 {
			samples = append(samples, list[at+1+n].At.Sub(since))
		} else {
			stuck = append(stuck, fmt.Sprintf("%s stayed %s", id, list[at].State))
		}
	}
	return samples, stuck
}

// lastBefore is the newest entry that is not younger than t; -1: there is none.
func lastBefore(list []entry, t time.Time) int {
	n, found := slices.BinarySearchFunc(list, t, func(e entry, t time.Time) int { return e.At.Compare(t) })
	if found {
		return n
	}
	return n - 1
}

// heldBy reports whether a worker was running the row then, or had it in a list
// for later.
func heldBy(list []entry, at int, worker string) bool {
	e := list[at]
	if e.Leased {
		return beganBy(list, at) == worker
	}
	held := at > 0 && e.Claim > e.Run && e.Run == list[at-1].Run && e.Claim == list[at-1].Claim
	return held && e.Writer == worker
}

// beganBy is who began the run that the entry is in.
func beganBy(list []entry, at int) string {
	for n := at; n > 0; n-- {
		if list[n].begins(list[n-1]) {
			return list[n].Writer
		}
	}
	return ""
}

// waitingThen reports whether the row was dispatched and not begun.
func waitingThen(list []entry, at int) bool {
	final := list[at].State == "completed" || list[at].State == "failed" || list[at].State == "cancelled"
	return !final && list[at].Claim > list[at].Run
}

// wentOn reports whether a later entry begins a run or brings another state.
func wentOn(list []entry, at int) func(entry) bool {
	before := list[at]
	return func(e entry) bool {
		began := e.begins(before)
		before = e
		return began || e.State != list[at].State
	}
}

// percentile of sorted samples, by the nearest rank; 0 where there are none.
func percentile[T cmp.Ordered](sorted []T, p float64) (value T) {
	if len(sorted) == 0 {
		return value
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}
