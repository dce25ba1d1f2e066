package policy

import (
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait after the given failure, of which the first is 0.
type Backoff func(failure int) time.Duration

// Exponential doubles from first up to most. Half of each wait is left to chance,
// so that what failed together does not come back together.
func Exponential(first, most time.Duration) Backoff {
	return func(failure int) time.Duration {
		if failure >= 32 || first<<failure > most || first<<failure <= 0 {
			return half(most)
		}
		return half(first << failure)
	}
}

// Linear grows by step up to most. As in Exponential, half of each wait is left
// to chance.
func Linear(step, most time.Duration) Backoff {
	return func(failure int) time.Duration {
		if most/step <= time.Duration(failure) {
			return half(most)
		}
		return half(step * time.Duration(failure+1))
	}
}

// half is between half of a wait and all of it.
func half(wait time.Duration) time.Duration { return wait/2 + rand.N(wait/2+1) }
