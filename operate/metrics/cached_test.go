package metrics

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errAway = errors.New("away")

func TestCached_reads_once_in_a_while(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		c := newCached(func(context.Context) (int, error) { reads++; return reads, nil })
		want := func(value int) {
			t.Helper()
			if got, ok := c.get(); !ok || got != value {
				t.Errorf("got %d, %t; want %d", got, ok, value)
			}
		}
		want(1)
		want(1)
		time.Sleep(keepFor + 1)
		want(2)
	})
}

func TestCached_shows_older_figures_while_there_are_no_newer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		c := newCached(func(context.Context) (int, error) {
			if away.Load() {
				return 0, errAway
			}
			return 1, nil
		})
		c.get()
		away.Store(true)
		time.Sleep(tooOld - 1)
		if got, ok := c.get(); !ok || got != 1 {
			t.Errorf("within a minute: got %d, %t", got, ok)
		}
		time.Sleep(2 * time.Nanosecond)
		if _, ok := c.get(); ok {
			t.Error("figures are shown that are older than a minute")
		}
		away.Store(false)
		if _, ok := c.get(); !ok {
			t.Error("the source is back, and there are no figures")
		}
	})
}

// A store that hangs makes no scrape late, and no second reading begins.
func TestCached_does_not_wait_for_what_hangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int32
		c := newCached(func(ctx context.Context) (int, error) {
			reads.Add(1)
			<-ctx.Done()
			return 0, ctx.Err()
		})
		begun := time.Now()
		for range 3 {
			if _, ok := c.get(); ok {
				t.Error("there are figures")
			}
		}
		if took := time.Since(begun); took != 3*patience || reads.Load() != 1 {
			t.Errorf("three scrapes took %s and %d readings, want %s and one", took, reads.Load(), 3*patience)
		}
		time.Sleep(readTime) // a reading is given up, and the next one may begin
		c.get()
		if reads.Load() != 2 {
			t.Errorf("%d readings, want 2", reads.Load())
		}
		time.Sleep(readTime)
	})
}
