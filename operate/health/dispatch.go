package health

import (
	"fmt"
	"math"
	"time"

	"heyq/store"
	"heyq/wire"
)

// Never is a bound that nothing is beyond.
const Never time.Duration = math.MaxInt64

// Dispatch tells whether what is due is taken up. It is broken if something has been due
// for longer than the given time.
func Dispatch(b store.Backlog, broken time.Duration) wire.Health {
	latest := b.Latest()
	if latest.Lag < DispatchLate {
		return wire.Health{Status: wire.Healthy, Reason: "nothing is due for longer than " + DispatchLate.String()}
	}
	h := wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf(
		"%d are due in %s and not dispatched, one for %s: is a worker running, is Redis there, is the queue paused?",
		latest.Overdue, latest.Queue, latest.Lag.Round(time.Second))}
	if latest.Lag > broken {
		h.Status = wire.Unhealthy
	}
	return h
}
