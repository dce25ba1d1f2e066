package handlers

import (
	"errors"
	"time"
)

// guard keeps a create from the wire when so much time has passed since its
// Begin went out that the lease may be over, and somebody else at it. It is
// asked right before the request is written.
//
// Both clocks must agree: the monotonic one stands still while a machine
// sleeps, the wall clock can be set.
type guard struct {
	limit   time.Duration
	elapsed func() (monotonic, wall time.Duration) // since the guard was made
}

// newGuard starts now: call it before Begin's SQL goes out.
func newGuard(lease time.Duration) guard {
	start := time.Now()
	return guard{limit: lease * 3 / 4, elapsed: func() (monotonic, wall time.Duration) {
		now := time.Now()
		return now.Sub(start), now.Round(0).Sub(start.Round(0)) // Round drops the monotonic reading
	}}
}

var errTooLate = errors.New("the lease may be over")

// check returns an error where it is too late to send. A wall clock that was
// set back by a limit or more could hide as much.
func (g guard) check() error {
	monotonic, wall := g.elapsed()
	if monotonic >= g.limit || wall.Abs() >= g.limit {
		return errTooLate
	}
	return nil
}
