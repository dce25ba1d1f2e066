package metrics

import (
	"context"
	"time"

	"heyq/internal/ttlcache"

	"github.com/prometheus/client_golang/prometheus"
)

// How fresh figures are.
const (
	keepFor  = 5 * time.Second  // figures so young are not read again
	patience = 2 * time.Second  // of a scrape, with a reading that is under way
	readTime = 20 * time.Second // of a reading, which the next scrape may profit from
	tooOld   = time.Minute      // figures so old are not shown any more
)

// cached is what was read last of a source.
type cached[T any] struct{ *ttlcache.Value[T] }

func newCached[T any](read func(context.Context) (T, error)) cached[T] {
	return cached[T]{ttlcache.New(keepFor, readTime, read)}
}

// get returns the figures, unless there are none that are young enough to show.
func (c cached[T]) get() (value T, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	value, at := c.Get(ctx)
	if at.IsZero() || time.Since(at) > tooOld {
		var none T
		return none, false
	}
	return value, true
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
