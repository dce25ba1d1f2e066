package people

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/internal/testkit"
)

// full is a store that cannot write.
type full struct{ vault }

func (*full) UseKey(context.Context, uuid.UUID) error { return errors.New("the disk is full") }

// lines is a log that is read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestKeys_count_uses_that_are_lost(t *testing.T) {
	t.Parallel()
	var log lines
	a := NewAside(zerolog.New(&log))
	const n = 3
	for range n { // processes that remember nothing
		if _, ok, err := NewKeys(&full{}, a).Find(t.Context(), "heyq_a_b"); !ok || err != nil {
			t.Fatalf("the key does not let in: %v", err)
		}
	}
	testkit.Eventually(t, func() error {
		if got := testutil.ToFloat64(a.lost.WithLabelValues(keyUse)); got != n {
			return fmt.Errorf("%v uses are told as lost, want %d", got, n)
		}
		return nil
	})
	testkit.Eventually(t, func() error {
		if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "the disk is full") {
			return fmt.Errorf("the log says: %s", text)
		}
		return nil
	})
}

// deaf answers no command.
type deaf struct{ redis.Hook }

func (deaf) DialHook(next redis.DialHook) redis.DialHook { return next }

func (deaf) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(context.Context, redis.Cmder) error { return errors.New("the connection is refused") }
}

func (deaf) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func TestCache_counts_changes_that_Redis_was_not_told(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		a := NewAside(zerolog.New(&log))
		away := redis.NewClient(&redis.Options{})
		away.AddHook(deaf{})
		defer away.Close()
		c := newCache(away, a)
		if err := c.around(t.Context(), uuid.New(), func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		if got := testutil.ToFloat64(a.lost.WithLabelValues(userChange)); got != 0 {
			t.Fatalf("%v changes are told as lost while they are still tried", got)
		}
		c.insist(t.Context(), uuid.New())
		synctest.Wait()
		if got := testutil.ToFloat64(a.lost.WithLabelValues(userChange)); got == 0 || !strings.Contains(log.String(), "could not be told") {
			t.Errorf("%v changes are told as lost, and the log says: %s", got, &log)
		}
	})
}
