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
	start time.Time
	limit time.Duration
	now   func() time.Time
}

// newGuard starts now: call it before Begin's SQL goes out.
func newGuard(lease time.Duration) guard {
	return guard{start: time.Now(), limit: lease * 3 / 4, now: time.Now}
}

var errTooLate = errors.New("the lease may be over")

// check returns an error where it is too late to send.
func (g guard) check() error {
	now := g.now()
	monotonic := now.Sub(g.start)
	wall := now.Round(0).Sub(g.start.Round(0))
	if monotonic > g.limit || wall > g.limit || wall < -g.limit {
		return errTooLate
	}
	return nil
}
