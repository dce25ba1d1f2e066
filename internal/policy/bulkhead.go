package policy

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"
)

// Bulkhead bounds how many outside calls of a queue are in flight in this
// process, so that none of them takes what the others need. Who waits is served
// in turn.
type Bulkhead struct {
	places  *semaphore.Weighted
	inUse   prometheus.Gauge
	waiting prometheus.Gauge
}

// Bulkhead makes the bulkhead of a queue, with at least one place.
func (s *Set) Bulkhead(queue string, places int) *Bulkhead {
	return &Bulkhead{
		places: semaphore.NewWeighted(int64(max(1, places))),
		inUse:  s.metrics.inUse.WithLabelValues(queue), waiting: s.metrics.waiting.WithLabelValues(queue),
	}
}

// TryEnter takes a place if one is free right now.
func (b *Bulkhead) TryEnter() bool {
	if !b.places.TryAcquire(1) {
		return false
	}
	b.inUse.Inc()
	return true
}

// Enter waits for a place. It returns ctx's error if that ends first.
func (b *Bulkhead) Enter(ctx context.Context) error {
	b.waiting.Inc()
	defer b.waiting.Dec()
	if err := b.places.Acquire(ctx, 1); err != nil {
		return err
	}
	b.inUse.Inc()
	return nil
}

// Leave gives a place back.
func (b *Bulkhead) Leave() {
	b.inUse.Dec()
	b.places.Release(1)
}
