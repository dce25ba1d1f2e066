package chaos

import (
	"math/rand/v2"
	"time"
)

// card makes one fault of its kind: which of several things it happens to, for
// how long and how badly is chance's to say.
type card func(chance *rand.Rand, o Options) Fault

// The pace of a storm. A long one has time to let each kind happen about twice.
const (
	shortestGap = 1500 * time.Millisecond
	longestGap  = 4 * time.Second
	lastCalm    = 2 * time.Second // of a storm: by then everything is taken back
)

// storm deals the whole deck of faults over span, shuffled, and again when it
// is used up. The same seed gives the same faults at the same times. Faults on
// different things overlap; those on one thing never do.
func storm(o Options) []Fault {
	chance := rand.New(rand.NewPCG(o.Seed, 0))
	all := deck()
	gap := min(max(o.Span/time.Duration(2*len(all)), shortestGap), longestGap)
	free := map[string]time.Duration{} // when a thing is whole again
	var script []Fault
	var hand []card
	for at := gap; at < o.Span-lastCalm; at += gap/2 + time.Duration(chance.Int64N(int64(gap))) {
		if len(hand) == 0 {
			hand = deck()
			chance.Shuffle(len(hand), func(i, j int) { hand[i], hand[j] = hand[j], hand[i] })
		}
		f := hand[0](chance, o)
		hand = hand[1:]
		f.At = max(at, free[f.On])
		if f.At+f.For > o.Span-lastCalm {
			continue
		}
		free[f.On] = f.At + f.For + time.Second
		script = append(script, f)
	}
	return script
}

// deck is every kind of fault that fits one topology.
func deck() []card {
	var all []card
	for _, part := range [][]card{workerFaults, processFaults, redisFaults, postgresFaults, heygenFaults, receiverFaults, strangerFaults, diskFaults, installationFaults} {
		all = append(all, part...)
	}
	return all
}

// between is a duration from least to most, in steps of a tenth of a second.
func between(chance *rand.Rand, least, most time.Duration) time.Duration {
	const step = 100 * time.Millisecond
	return least + step*time.Duration(chance.Int64N(int64((most-least)/step)+1))
}
