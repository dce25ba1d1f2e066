package operate

import (
	"context"
	"fmt"
)

// within leaves fn to itself if ctx ends first. It is for asynq's inspector,
// which takes no context and may wait for many seconds.
func within[T any](ctx context.Context, fn func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := fn()
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("no answer from Redis: %w", ctx.Err())
	}
}
