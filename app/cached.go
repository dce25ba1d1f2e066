package app

import (
	"context"
	"time"

	"heyq/internal/ttlcache"
	"heyq/wire"
)

// askTime is how long an answer is waited for.
const askTime = 10 * time.Second

// cached asks at most once in a lifetime, whoever wants to know. Its answer says
// how long it took to come; where it has not come in time, that is what it says.
func cached(life time.Duration, probe func(context.Context) wire.Health) func(context.Context) wire.Health {
	answer := ttlcache.New(life, askTime, func(ctx context.Context) (wire.Health, error) {
		start := time.Now()
		h := probe(ctx)
		h.LatencyMS = float64(time.Since(start).Microseconds()) / 1000
		return h, nil
	})
	return func(ctx context.Context) wire.Health {
		h, at := answer.Get(ctx)
		if at.IsZero() || time.Since(at) > life {
			return wire.Health{Status: wire.Degraded, Reason: "has given no answer yet"}
		}
		return h
	}
}
