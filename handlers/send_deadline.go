package handlers

import (
	"errors"
	"time"
)

// sendDeadline keeps a create from the wire when so much time has passed since its
// Begin went out that the lease may be over, and another worker may have the video.
// It is asked right before the request is written.
//
// Both clocks must agree: the monotonic one stands still while a machine
// sleeps, the wall clock can be set.
type sendDeadline struct {
	limit   time.Duration
	elapsed func() (monotonic, wall time.Duration) // since Begin
}

// newSendDeadline starts now: call it before Begin's SQL goes out.
func newSendDeadline(lease time.Duration) sendDeadline {
	start := time.Now()
	return sendDeadline{limit: lease * 3 / 4, elapsed: func() (monotonic, wall time.Duration) {
		now := time.Now()
		return now.Sub(start), now.Round(0).Sub(start.Round(0)) // Round drops the monotonic reading
	}}
}

var errTooLate = errors.New("the lease may be over")

// check returns an error if it is too late to send. A wall clock that was
// set back by a limit or more could hide as much.
func (d sendDeadline) check() error {
	monotonic, wall := d.elapsed()
	if monotonic >= d.limit || wall.Abs() >= d.limit {
		return errTooLate
	}
	return nil
}
