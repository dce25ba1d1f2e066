package live

import (
	"context"
	"slices"
	"time"

	"heyq/store"
	"heyq/wire"
)

const (
	samples     = 201              // videos that are learned from
	fewest      = 5                // of which as many must have come on from where a video is
	outlookLife = 30 * time.Second // how long what was learned is believed
	outlookTime = 5 * time.Second  // and how long learning it may take
)

// late has passed already: who asks with it takes what is known, and waits for nothing.
var late = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Outlook is how far a video has come, and when it will be there, by what the phases of
// the newest videos took. It asks the store once in a while, for all who ask.
func (f *Feed) Outlook(e Event) wire.Outlook {
	known, _ := f.times.Get(late)
	return outlook(known, e, time.Now())
}

// Learn waits until something is known of what videos take, or ctx ends.
func (f *Feed) Learn(ctx context.Context) { f.times.Get(ctx) }

// outlook compares a video with those that took longer in its present phase than it has
// been in it: what they had before them then, it has before it.
func outlook(known []store.PhaseTimes, e Event, now time.Time) wire.Outlook {
	percent := func(p int) wire.Outlook { return wire.Outlook{Progress: &p} }
	phase := slices.Index(store.States, e.State)
	switch {
	case e.State == store.Completed:
		return percent(100)
	case e.State.Final() || phase < 0:
		return wire.Outlook{}
	}
	since := e.At
	if e.State == store.Queued {
		since = e.Began
	}
	rest := remaining(known, phase, max(0, now.Sub(since)))
	elapsed := max(0, now.Sub(e.Began))
	if len(rest) < fewest {
		return percent([]int{0, 5, 10, 90}[phase])
	}
	wait := max(0, since.Sub(now)) // of one that may not begin yet
	at := func(tenths int) time.Time {
		return now.Add(wait + rest[(len(rest)-1)*tenths/10]).UTC().Truncate(time.Second)
	}
	o := percent(min(99, int(100*elapsed/(elapsed+max(time.Millisecond, wait+rest[(len(rest)-1)/2])))))
	o.ETA = &wire.ETA{At: at(5), Low: at(1), High: at(9)}
	return o
}

// remaining lists how long videos took from a time in a phase on, the shortest first.
func remaining(known []store.PhaseTimes, phase int, spent time.Duration) (rest []time.Duration) {
	for _, t := range known {
		phases := []time.Duration{t.Queue, t.Submit, t.Render, t.Download}
		if phases[phase] < spent {
			continue
		}
		sum := phases[phase] - spent
		for _, later := range phases[phase+1:] {
			sum += later
		}
		rest = append(rest, sum)
	}
	slices.Sort(rest)
	return rest
}
