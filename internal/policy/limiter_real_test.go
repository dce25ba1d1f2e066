package policy_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"heyq/internal/policy"
	"heyq/internal/testkit"
)

// limiters are those of n processes on one Redis.
func limiters(t *testing.T, n int, perSecond float64, redisURL string) []*policy.Limiter {
	t.Helper()
	list := make([]*policy.Limiter, n)
	for i := range list {
		list[i] = policy.New(policy.Options{Redis: testkit.OpenRedis(t, redisURL)}).Limiter("heygen", perSecond, int(perSecond))
	}
	return list
}

// race has all of them wait for n calls together, and returns how long it took.
func race(t *testing.T, list []*policy.Limiter, n int64) time.Duration {
	t.Helper()
	start := time.Now()
	var left atomic.Int64
	left.Store(n)
	var all sync.WaitGroup
	for _, l := range list {
		for range 4 {
			all.Go(func() {
				for left.Add(-1) >= 0 {
					if err := l.Wait(t.Context(), time.Minute); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	return time.Since(start)
}

func TestLimiter_is_shared_real(t *testing.T) {
	t.Parallel()
	for name, start := range testkit.EveryRedis {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Forty at once, and the other sixty in a second and a half.
			took := race(t, limiters(t, 3, 40, start(t)), 100)
			t.Logf("100 calls of three processes at 40/s took %s", took.Round(time.Millisecond))
			if took < 1400*time.Millisecond {
				t.Errorf("100 calls at 40/s took %s only", took)
			}
		})
	}
}

func TestLimiter_works_on_the_embedded_Redis(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	took := race(t, limiters(t, 2, 40, "redis://"+server.Addr()), 60)
	if took < 400*time.Millisecond {
		t.Errorf("60 calls at 40/s took %s only", took)
	}
}

func TestLimiter_slows_all_processes_real(t *testing.T) {
	t.Parallel()
	list := limiters(t, 2, 1, testkit.Redis(t))
	list[0].Slow(t.Context())
	if err := list[1].Wait(t.Context(), time.Millisecond); policy.RefusalIn(err) == nil {
		t.Errorf("a call passes at once: %v", err)
	}
}
