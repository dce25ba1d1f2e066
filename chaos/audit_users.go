package chaos

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
)

// I14: no user saw what is another's, during the storm and after it, and each sees all
// that is its own.
func (e evidence) anothersIsUnseen() Invariant {
	i := Invariant{Name: "I14", Promise: "nobody saw what is another's"}
	for _, leak := range e.pried.leaks {
		i.breach(leak)
	}
	for _, silent := range e.pried.silent {
		i.breach(silent)
	}
	for id, v := range e.rows {
		if p, ok := e.promises[id]; ok && v.UserID != e.nameOf(p.user) {
			i.breach(fmt.Sprintf("%s was promised to %s and is %s's", id, e.nameOf(p.user), v.UserID))
		}
	}
	looks := 0
	for _, n := range e.pried.answered {
		looks += n
	}
	i.Checked = fmt.Sprintf("%s, %s of %s", count(len(e.rows), "video"), count(looks, "answer"), count(len(e.pried.answered), "kind"))
	return i
}

// nameOf is the id of a promise's user.
func (e evidence) nameOf(user int) string {
	if user < len(e.users) {
		return e.users[user]
	}
	return ""
}

// boundSettles is how long before an admission a bound may have been set that the
// admission does not know yet: it looks at the bounds when it begins.
const boundSettles = 5 * time.Second

// I15: no admission gave a user more slots than it may hold.
func (e evidence) usersKeepTheirBounds() Invariant {
	i := Invariant{Name: "I15", Promise: "no user got more slots than it may hold"}
	admissions, bound := 0, 0
	for id, list := range e.tape {
		for n := 1; n < len(list); n++ {
			if now := list[n]; now.admits(list[n-1]) {
				admissions++
				if now.Bound == nil {
					continue
				}
				bound++
				if now.Held > *now.Bound && !e.boundWasSet(now.UserID, now.At) {
					i.breach(fmt.Sprintf("%s got a slot as the %d. one of %s, who may have %d", id, now.Held, now.UserID, *now.Bound))
				}
			}
		}
	}
	i.Checked = fmt.Sprintf("%s, %d of them to users with a bound", count(admissions, "admission"), bound)
	return i
}

// boundWasSet reports whether a user's bound was set just before a moment.
func (e evidence) boundWasSet(user string, at time.Time) bool {
	return slices.ContainsFunc(e.bounds, func(b bound) bool {
		return b.UserID == user && !b.At.After(at) && at.Sub(b.At) < boundSettles
	})
}

// admits reports whether the entry, which followed before, gives a slot to what waits.
func (e entry) admits(before entry) bool { return e.Slot && before.waits() }

// waits reports whether a video waits for a slot, or for its time to wait for one.
func (e entry) waits() bool { return e.State == "queued" && !e.Slot }

// turns says how far the slots went to users by their weights. Each slot that was given
// while several users waited is due to each of them in the share of its weight; those who
// hold as many slots as they may do not count.
func (e evidence) turns() Turns {
	const usual = 100 // hundredths
	weight, most := map[string]int{}, map[string]int{}
	waiting, held := map[string]int{}, map[string]int{}
	due, got := map[string]float64{}, map[string]float64{}
	changes, t := e.bounds, Turns{Changes: len(e.bounds)}
	for _, c := range e.inOrder() {
		for len(changes) > 0 && !changes[0].At.After(c.now.At) {
			b := changes[0]
			weight[b.UserID], most[b.UserID] = b.Weight, 0
			if b.Slots != nil {
				most[b.UserID] = *b.Slots
			}
			changes = changes[1:]
		}
		user := c.now.UserID
		if c.now.admits(c.before) {
			shares, all := map[string]float64{}, 0.0
			for u, n := range waiting {
				if n > 0 && (most[u] == 0 || held[u] < most[u]) {
					w := usual
					if weight[u] > 0 {
						w = weight[u]
					}
					shares[u] = float64(w)
					all += shares[u]
				}
			}
			if len(shares) > 1 {
				t.Contested++
				got[user]++
				for u, share := range shares {
					due[u] += share / all
				}
			}
		}
		waiting[user] += one(c.now.waits()) - one(c.before.waits())
		held[user] += one(c.now.Slot) - one(c.before.Slot)
	}
	off := 0.0
	for _, u := range slices.Sorted(maps.Keys(due)) {
		difference := math.Abs(got[u] - due[u])
		off += difference / 2
		t.Most = max(t.Most, difference)
	}
	if t.Contested > 0 {
		t.Elsewhere = off / float64(t.Contested)
	}
	return t
}

// change is an entry with the one before it, which is empty for a row that is new.
type change struct{ before, now entry }

// inOrder are the changes of all rows as they came.
func (e evidence) inOrder() (all []change) {
	for _, id := range slices.SortedFunc(maps.Keys(e.tape), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
		before := entry{}
		for _, now := range e.tape[id] {
			all = append(all, change{before, now})
			before = now
		}
	}
	slices.SortStableFunc(all, func(a, b change) int { return a.now.At.Compare(b.now.At) })
	return all
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}
