package policy

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Away bounds what a Redis that does not answer costs those who can do without its
// answer: each waits for it as long as Patience at most, and for a second after that none
// asks. The zero Away is ready for use.
type Away struct {
	Patience time.Duration // default UsualPatience
	until    atomic.Int64  // in Unix nanoseconds
}

// UsualPatience is what a request waits for an answer that it can do without.
const UsualPatience = 250 * time.Millisecond

const awayTime = time.Second

var (
	// ErrAway says that Redis was not asked, as it did not answer a moment ago.
	ErrAway     = errors.New("no answer from Redis a moment ago")
	errNoAnswer = errors.New("no answer came in time")
)

// Ask asks Redis, unless that is away. The question does not end with ctx, but with the
// time that it may take. No caller is told of an answer that comes late.
func Ask[T any](ctx context.Context, a *Away, question func(context.Context) (T, error)) (T, error) {
	if time.Now().UnixNano() < a.until.Load() {
		var none T
		return none, ErrAway
	}
	answer, err := within(ctx, cmp.Or(a.Patience, UsualPatience), question)
	if err != nil && !errors.Is(err, redis.Nil) {
		a.until.Store(time.Now().Add(awayTime).UnixNano())
	}
	return answer, err
}

// within asks and waits for the answer no longer than limit: go-redis may take
// many seconds to give a Redis up that hangs, whatever the context says.
func within[T any](ctx context.Context, limit time.Duration, ask func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	answers := make(chan answer, 1)
	go func() {
		defer cancel()
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
