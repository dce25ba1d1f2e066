package policy

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Timeout ends calls that take too long. A nil Timeout waits.
type Timeout struct {
	limit time.Duration
	ended prometheus.Counter
}

// Timeout makes the timeout of that name.
func (s *Set) Timeout(name string, limit time.Duration) *Timeout {
	return &Timeout{limit: limit, ended: s.metrics.timeouts.WithLabelValues(name)}
}

// Do calls with a context that ends in time, and returns the call's error as it
// is: what the call came to before counts, also if it came late.
func (t *Timeout) Do(ctx context.Context, call func(context.Context) error) error {
	_, err := t.do(ctx, call)
	return err
}

// Else calls like t.Do, but returns fallback and no error if the call took too
// long. It is for an answer that is worth having and not worth failing for.
// Other errors are returned as they are.
func Else[T any](ctx context.Context, t *Timeout, fallback T, call func(context.Context) (T, error)) (T, error) {
	var answer T
	late, err := t.do(ctx, func(ctx context.Context) (err error) {
		answer, err = call(ctx)
		return err
	})
	if late {
		return fallback, nil
	}
	return answer, err
}

func (t *Timeout) do(ctx context.Context, call func(context.Context) error) (late bool, err error) {
	if t == nil {
		return false, call(ctx)
	}
	within, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	err = call(within)
	late = err != nil && ctx.Err() == nil && within.Err() != nil
	if late {
		t.ended.Inc()
	}
	return late, err
}
