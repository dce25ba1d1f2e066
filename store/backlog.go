package store

import "time"

// Backlog is what there is to do. Each figure was true at some moment of the
// call, not all of them at the same one.
type Backlog struct {
	States        map[State]int // videos in each; absent means none
	Slots         int           // render slots that are held
	Admission     Load          // queued videos that wait for a slot, but for those whose not_before is to come
	Create        Load          // videos at work, by the step that they need
	Poll          Load
	Download      Load
	Analyses      Load
	Notifications Load
}

// Load is what there is to do of one sort.
type Load struct {
	Jobs    int           // all of them
	Running int           // under a lease that lives; an analysis has none
	Overdue int           // due, and without a claim
	Oldest  time.Duration // since the oldest of them came into its state; 0: there are none
	Lag     time.Duration // since the one that is overdue for longest was due; 0: none is
}

// Lag is how far dispatch is behind. What waits for a slot does not count: it
// waits for HeyGen, and not for a dispatcher.
func (b Backlog) Lag() time.Duration {
	return max(b.Create.Lag, b.Poll.Lag, b.Download.Lag, b.Analyses.Lag, b.Notifications.Lag)
}

// At returns the load of the videos that need a step.
func (b *Backlog) At(s Step) *Load {
	switch s {
	case Create:
		return &b.Create
	case Poll:
		return &b.Poll
	default:
		return &b.Download
	}
}
