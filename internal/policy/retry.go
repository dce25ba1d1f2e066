package policy

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Retry makes a call again if it failed in a way that may pass. It is for calls
// that do no harm when they are made twice.
type Retry struct {
	tries   int
	backoff Backoff
	again   prometheus.Counter
}

// Retry makes the retries of that name: so many tries in all, the first included,
// with these waits between them.
func (s *Set) Retry(name string, tries int, backoff Backoff) *Retry {
	return &Retry{tries: max(1, tries), backoff: backoff, again: s.metrics.retries.WithLabelValues(name)}
}

// Tries is how often a call is made at most; a nil Retry makes it once.
func (r *Retry) Tries() int {
	if r == nil {
		return 1
	}
	return r.tries
}

// Pause is the wait after the given failure, of which the first is 0.
func (r *Retry) Pause(failure int) time.Duration { return r.backoff(failure) }

// Again counts a call that is made again, for who makes it without Do.
func (r *Retry) Again() { r.again.Inc() }

// Do calls until there is no error, the error will not pass, the tries are used
// up or ctx ends. It returns the last error of the call.
func (r *Retry) Do(ctx context.Context, passes func(error) bool, call func(context.Context) error) error {
	for failure := 0; ; failure++ {
		err := call(ctx)
		if err == nil || failure+1 >= r.Tries() || !passes(err) {
			return err
		}
		timer := time.NewTimer(r.Pause(failure))
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		r.Again()
	}
}
