package ttlcache

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const life = time.Minute

// However many ask, there is one reading a lifetime; a caller that gives up does
// not end it, and those that wait get its value.
func TestValue_is_read_once_for_all(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int32
		v := New(life, time.Hour, func(context.Context) (int32, error) {
			n := reads.Add(1)
			time.Sleep(3 * time.Second)
			return n, nil
		})
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, at := v.Get(hasty); !at.IsZero() {
			t.Error("there is a value before it was read")
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if got, at := v.Get(t.Context()); got != 1 || at.IsZero() {
					t.Errorf("got %d of %s, want that of the first reading", got, at)
				}
			})
		}
		all.Wait()
		time.Sleep(life - time.Second)
		if got, _ := v.Get(t.Context()); got != 1 {
			t.Error("it was read again while it was young")
		}
		time.Sleep(time.Second)
		if got, _ := v.Get(t.Context()); got != 2 {
			t.Errorf("got %d, want what a second reading found", got)
		}
	})
}

// A source that fails, or hangs until its reading is given up, leaves what it said
// before, with the time of that.
func TestValue_outlives_a_source_that_is_away(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		v := New(life, 20*time.Second, func(ctx context.Context) (int, error) {
			if reads++; reads == 1 {
				return 7, nil
			}
			<-ctx.Done()
			return 0, errors.New("away")
		})
		_, first := v.Get(t.Context())
		time.Sleep(2 * life)
		begun := time.Now()
		got, at := v.Get(t.Context())
		if got != 7 || !at.Equal(first) {
			t.Errorf("got %d of %s, want 7 of %s", got, at, first)
		}
		if took := time.Since(begun); took != 20*time.Second {
			t.Errorf("the reading was given up after %s", took)
		}
	})
}
