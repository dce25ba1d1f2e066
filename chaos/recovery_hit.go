package chaos

import (
	"slices"
	"strings"
	"time"
)

// hit says which rows a fault hit, and when one of them has recovered.
//
// A worker: the rows that it was running, or holding for later, when it was
// struck; from then until they are begun elsewhere or have another state.
//
// HeyGen and the media folder: the rows that had failed at what it does wrong and were still there
// when it was over; from then until they have another state.
//
// Everything else: the rows that were dispatched and not begun when it was over;
// from then until they are dispatched again, begun, or have another state.
type hit struct {
	since    time.Time
	begun    bool // a begin is recovery enough
	outage   bool // so is a dispatch; everything stood still, and the first move of all counts as well
	concerns func(list []entry, at int) bool
}

func hitBy(s Strike) hit {
	switch {
	case strings.HasPrefix(s.On, "worker"):
		return hit{s.Hit, true, false, func(list []entry, at int) bool { return heldBy(list, at, s.On) }}
	case touched[strings.TrimSuffix(s.On, alongside)] != "":
		state := touched[strings.TrimSuffix(s.On, alongside)]
		return hit{s.Ended, false, false, func(list []entry, at int) bool { return list[at].State == state && list[at].Attempt > 0 }}
	case s.On == "receiver", s.On == "strangers", s.On == "heygen-title", strings.HasPrefix(s.Name, "intruder-"):
		return hit{since: s.Ended, concerns: func([]entry, int) bool { return false }} // no row waits for it
	default:
		return hit{s.Ended, true, true, dispatched}
	}
}

// touched is the state of the videos that such faults hit.
var touched = map[string]string{
	"heygen-create": "submitting", "heygen-list": "submitting", "heygen-status": "rendering",
	"heygen-webhook": "rendering", "heygen-file": "downloading", "media": "downloading",
}

// wentOn reports whether a later entry is the recovery of a row that was as
// before says.
func (h hit) wentOn(before entry) func(entry) bool {
	last := before
	return func(e entry) bool {
		again := h.begun && e.begins(last) || h.outage && e.dispatches(last)
		last = e
		return again || e.State != before.State
	}
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

// dispatched reports whether the row was waiting for a task to begin it.
func dispatched(list []entry, at int) bool {
	return !list[at].final() && list[at].Claim > list[at].Run
}

// lastBefore is the newest entry that is not younger than t; -1: there is none.
func lastBefore(list []entry, t time.Time) int {
	n, found := slices.BinarySearchFunc(list, t, func(e entry, t time.Time) int { return e.At.Compare(t) })
	if found {
		return n
	}
	return n - 1
}
