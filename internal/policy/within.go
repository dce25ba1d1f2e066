package policy

import (
	"context"
	"errors"
	"time"
)

var errNoAnswer = errors.New("no answer came in time")

// within asks and waits for the answer no longer than limit: go-redis may take
// many seconds to give a Redis up that hangs, whatever the context says. The
// question does not end with ctx, for its answer may matter all the same; late is
// told of a good one that nobody waited for.
func within[T any](ctx context.Context, limit time.Duration, ask func(context.Context) (T, error), late func(T)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ctx = context.WithoutCancel(ctx)
	answers := make(chan answer)
	gone := make(chan struct{})
	go func() {
		value, err := ask(ctx)
		select {
		case answers <- answer{value, err}:
		case <-gone:
			if err == nil && late != nil {
				late(value)
			}
		}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-timer.C:
		close(gone)
		var none T
		return none, errNoAnswer
	}
}
