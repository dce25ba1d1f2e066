package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// How fresh figures are.
const (
	keepFor  = 5 * time.Second  // figures so young are not read again
	patience = 2 * time.Second  // of a scrape, with a reading that is under way
	readTime = 20 * time.Second // of a reading, which the next scrape may profit from
	tooOld   = time.Minute      // figures so old are not shown any more
)

// cached keeps what was read last of a source.
type cached[T any] struct {
	read     func(context.Context) (T, error)
	patience time.Duration

	mu      sync.Mutex
	value   T
	at      time.Time     // when value was read; zero: never
	reading chan struct{} // closed when the reading under way ends; nil: none is
}

func newCached[T any](read func(context.Context) (T, error)) *cached[T] {
	return &cached[T]{read: read, patience: patience}
}

// get returns the figures, unless there are none that are young enough to show.
func (c *cached[T]) get() (value T, ok bool) {
	c.mu.Lock()
	if c.at.IsZero() || time.Since(c.at) > keepFor {
		reading := c.begin()
		c.mu.Unlock()
		select {
		case <-reading:
		case <-time.After(c.patience):
		}
		c.mu.Lock()
	}
	defer c.mu.Unlock()
	if c.at.IsZero() || time.Since(c.at) > tooOld {
		return value, false
	}
	return c.value, true
}

// begin starts a reading unless one is under way. The caller has the lock.
func (c *cached[T]) begin() <-chan struct{} {
	if c.reading != nil {
		return c.reading
	}
	reading := make(chan struct{})
	c.reading = reading
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), readTime)
		defer cancel()
		value, err := c.read(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		if err == nil {
			c.value, c.at = value, time.Now()
		}
		c.reading = nil
		close(reading)
	}()
	return reading
}

// sourceUp describes whether a source tells its figures. Several collectors
// export it, each for its own source.
func sourceUp(source string) *prometheus.Desc {
	return prometheus.NewDesc("heyq_source_up",
		"1 if the figures of the source could be read within the last minute.", nil, prometheus.Labels{"source": source})
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
