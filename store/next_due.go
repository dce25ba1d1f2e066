package store

import "time"

// NextDue is what a dispatcher is to expect.
type NextDue struct {
	In   time.Duration // until something is due; 0: something is, or may be; NothingDue if nothing ever is
	Open bool          // something is at work, or on its way to a worker
}

// NothingDue is NextDue.In if nothing is open.
const NothingDue = 24 * time.Hour

// DueAmong is how many of the videos that wait for a slot NextDue looks at. If
// there are as many, one of them may be due.
const DueAmong = 1000
