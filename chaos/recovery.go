package chaos

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// I8: what each fault hit went on. A fault that waited for a moment which did not
// come, or that wants what is not here, shows nothing, so it is counted apart.
func (e evidence) recoveriesAreKnown() Invariant {
	i := Invariant{Name: "I8", Promise: "every recovery was measured"}
	samples, late, out := 0, 0, 0
	for _, s := range e.strikes {
		switch s.Said {
		case missed:
			late++
		case leftOut:
			out++
			continue
		}
		found, stuck := e.recoveriesFrom(s)
		samples += len(found)
		for _, culprit := range stuck {
			i.breach(fmt.Sprintf("after %s on %s at %s: %s", s.Name, s.On, s.Began.Format(time.TimeOnly), culprit))
		}
		if s.Err != "" {
			i.breach(fmt.Sprintf("%s on %s did not go as planned: %s", s.Name, s.On, s.Err))
		}
	}
	i.Checked = count(len(e.strikes)-late-out, "fault") + ", " + count(samples, "sample")
	if late > 0 {
		i.Checked += fmt.Sprintf("; %d more missed their moment", late)
	}
	if out > 0 {
		i.Checked += fmt.Sprintf("; %d more could not be had here", out)
	}
	return i
}

// recoveries sums the samples up by the name of the fault.
func (e evidence) recoveries() []Recovery {
	type gathered struct {
		strikes      int
		rows, firsts []time.Duration
	}
	all := map[string]*gathered{}
	moves := e.tape.moves()
	for _, s := range e.strikes {
		g := all[s.Name]
		if g == nil {
			g = &gathered{}
			all[s.Name] = g
		}
		g.strikes++
		rows, _ := e.recoveriesFrom(s)
		g.rows = append(g.rows, rows...)
		if first, ok := e.firstMove(s, moves); ok {
			g.firsts = append(g.firsts, first)
		}
	}
	var list []Recovery
	for _, name := range slices.Sorted(maps.Keys(all)) {
		g := all[name]
		slices.Sort(g.rows)
		slices.Sort(g.firsts)
		list = append(list, Recovery{
			Fault: name, Strikes: g.strikes, Rows: len(g.rows),
			P50: percentile(g.rows, 50), P99: percentile(g.rows, 99), Max: percentile(g.rows, 100),
			Firsts: len(g.firsts), FirstP50: percentile(g.firsts, 50), FirstMax: percentile(g.firsts, 100),
		})
	}
	return list
}

// recoveriesFrom measures how long the rows took that one fault hit. A row that
// never went on is stuck.
func (e evidence) recoveriesFrom(s Strike) (samples []time.Duration, stuck []string) {
	hit := hitBy(s)
	for id, list := range e.tape {
		at := lastBefore(list, hit.since)
		if at < 0 || !hit.concerns(list, at) {
			continue
		}
		if n := slices.IndexFunc(list[at+1:], hit.wentOn(list[at])); n >= 0 {
			samples = append(samples, list[at+1+n].At.Sub(hit.since))
		} else {
			stuck = append(stuck, fmt.Sprintf("%s stayed %s", id, list[at].State))
		}
	}
	return samples, stuck
}

// firstMove is how long it took after a fault until any row was begun or ended
// a run again. There is none if no row had anything to do.
func (e evidence) firstMove(s Strike, moves []time.Time) (took time.Duration, ok bool) {
	if hitBy(s).outage && s.Ended.After(s.Began) {
		n, _ := slices.BinarySearchFunc(moves, s.Ended, time.Time.Compare)
		if n < len(moves) && e.tape.openAt(s.Ended) {
			return moves[n].Sub(s.Ended), true
		}
	}
	return 0, false
}

// moves are the times at which a run began or ended, in their order.
func (t tape) moves() []time.Time {
	var all []time.Time
	for _, list := range t {
		for n := 1; n < len(list); n++ {
			if list[n].begins(list[n-1]) || list[n].ends(list[n-1]) {
				all = append(all, list[n].At)
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// openAt reports whether there was a row that had not ended.
func (t tape) openAt(at time.Time) bool {
	for _, list := range t {
		if n := lastBefore(list, at); n >= 0 && !list[n].final() {
			return true
		}
	}
	return false
}

// percentile of sorted samples, by the nearest rank; 0 if there are none.
func percentile[T cmp.Ordered](sorted []T, p float64) (value T) {
	if len(sorted) == 0 {
		return value
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}
