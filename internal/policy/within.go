package policy

import (
	"context"
	"errors"
	"time"
)

var errNoAnswer = errors.New("no answer came in time")

// within asks and waits for the answer no longer than limit: go-redis may take
// many seconds to give a Redis up that hangs, whatever the context says. The
// question does not end with ctx, and nobody is told of an answer that comes late.
func within[T any](ctx context.Context, limit time.Duration, ask func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ctx = context.WithoutCancel(ctx)
	answers := make(chan answer, 1)
	go func() {
		value, err := ask(ctx)
		answers <- answer{value, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-timer.C:
		var none T
		return none, errNoAnswer
	}
}
