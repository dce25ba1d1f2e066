// Package ttlcache keeps what was read last of a source that is slow, or may hang,
// for all who ask: they share one reading, and none of them has to wait for it
// longer than it likes.
package ttlcache

import (
	"context"
	"sync"
	"time"
)

// Value is what was read last. It is safe for concurrent use.
type Value[T any] struct {
	read  func(context.Context) (T, error)
	life  time.Duration // a value so young is not read again
	limit time.Duration // of one reading

	mu      sync.Mutex
	value   T
	at      time.Time     // when value was read; zero: never
	reading chan struct{} // closed when the reading under way ends; nil: none is
}

// New returns a value that was not read yet. A reading that fails leaves what was
// read before it.
func New[T any](life, limit time.Duration, read func(context.Context) (T, error)) *Value[T] {
	return &Value[T]{read: read, life: life, limit: limit}
}

// Get returns the value that was read last, and when it was read. The zero time
// says that none was read yet. If the value is too old, Get has it read anew and
// waits for that until ctx ends. A reading goes on even if its callers have left,
// so that the next caller finds the result.
func (v *Value[T]) Get(ctx context.Context) (value T, at time.Time) { return v.Younger(ctx, v.life) }

// Younger is Get for a caller that wants a value of another age.
func (v *Value[T]) Younger(ctx context.Context, life time.Duration) (value T, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.at.IsZero() && time.Since(v.at) < life {
		return v.value, v.at
	}
	reading := v.begin()
	v.mu.Unlock()
	select {
	case <-reading:
	case <-ctx.Done():
	}
	v.mu.Lock()
	return v.value, v.at
}

// begin starts a reading unless one is under way. The caller has the lock.
func (v *Value[T]) begin() <-chan struct{} {
	if v.reading != nil {
		return v.reading
	}
	reading := make(chan struct{})
	v.reading = reading
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), v.limit)
		defer cancel()
		value, err := v.read(ctx)
		v.mu.Lock()
		defer v.mu.Unlock()
		if err == nil {
			v.value, v.at = value, time.Now()
		}
		v.reading = nil
		close(reading)
	}()
	return reading
}
