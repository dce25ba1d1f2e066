package app

import (
	"context"
	"sync"
	"time"

	"heyq/api"
)

// cached asks at most once in a lifetime, whoever wants to know: a caller that
// gives up does not end the question, nor spoil the answer for the others.
type cached struct {
	life  time.Duration
	probe func(context.Context) api.Health

	mu     sync.Mutex
	last   api.Health
	at     time.Time     // zero: never
	asking chan struct{} // closed with the answer; nil: nobody asks
}

// askTime is how long an answer is waited for.
const askTime = 10 * time.Second

// get returns the last answer, or waits for a new one until ctx ends.
func (c *cached) get(ctx context.Context) api.Health {
	answered, last := c.ask()
	if answered == nil {
		return last
	}
	select {
	case <-answered:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.last
	case <-ctx.Done():
		return api.Health{Status: api.Degraded, Reason: "has given no answer yet"}
	}
}

// ask returns what tells of an answer that is on its way, and otherwise the last
// one.
func (c *cached) ask() (answered <-chan struct{}, last api.Health) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asking == nil && !c.at.IsZero() && time.Since(c.at) <= c.life {
		return nil, c.last
	}
	if c.asking == nil {
		c.asking = make(chan struct{})
		go c.answer()
	}
	return c.asking, c.last
}

func (c *cached) answer() {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	start := time.Now()
	h := c.probe(ctx)
	h.LatencyMS = float64(time.Since(start).Microseconds()) / 1000
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.at = h, time.Now()
	close(c.asking)
	c.asking = nil
}
