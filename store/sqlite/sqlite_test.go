package sqlite_test

import (
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"heyq/store/sqlite"
	"heyq/store/storetest"
)

// clock is the time, and what has passed on top of it.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.passed.Load())) }
func (c *clock) advance(d time.Duration) { c.passed.Add(int64(d)) }

func open(t testing.TB, path string, options ...sqlite.Option) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Harness {
		var c clock
		s := open(t, filepath.Join(t.TempDir(), "heyq.db"), sqlite.WithClock(c.now))
		return storetest.Harness{Store: s, Advance: c.advance}
	})
}
