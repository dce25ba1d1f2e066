package store

import "time"

// Timing is the part of the protocol's durations that the store applies, by
// the database's clock.
type Timing struct {
	Lease         time.Duration // how long a worker may be silent
	Redispatch    time.Duration // how long a task may be lost
	Grace         time.Duration // after a send, until "not found" is proof
	KeyLifetime   time.Duration // after the first send, until the key must not be used
	RenderTimeout time.Duration // how long a render may take before it is failed
	SlotWriteOff  time.Duration // after the render deadline, until a slot is given up
	SearchTimeout time.Duration // how long a search may go unanswered
}

// DefaultTiming is safe for HeyGen as it is; see docs/architecture.md.
var DefaultTiming = Timing{
	Lease:         20 * time.Second,
	Redispatch:    2 * time.Minute,
	Grace:         30 * time.Minute,
	KeyLifetime:   23 * time.Hour,
	RenderTimeout: 2 * time.Hour,
	SlotWriteOff:  24 * time.Hour,
	SearchTimeout: 24 * time.Hour,
}

// MostLapses is how many leases in a row a row may lose before it is taken for
// one that kills its worker.
const MostLapses = 10
