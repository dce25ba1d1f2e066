package handlers

import (
	"math/rand/v2"
	"time"
)

// retries are the waits after the first failures; the last one repeats until the
// notification expires.
var retries = []time.Duration{
	5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour,
}

const (
	mostRetryAfter = time.Hour // what a receiver may ask for
	privateWait    = time.Hour // an address that is not public may become so, but not soon
)

// retryWait spreads by a fifth either way: what failed together does not come
// back together.
func retryWait(attempt int) time.Duration {
	wait := retries[min(attempt, len(retries)-1)]
	return wait + time.Duration((rand.Float64()-0.5)*0.4*float64(wait))
}
