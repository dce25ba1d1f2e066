package health

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
)

// history is a store that remembers when scheduled jobs ran.
type history struct {
	store.Store
	ago  map[string]time.Duration
	away error
}

func (h history) SinceRun(_ context.Context, name string) (time.Duration, bool, error) {
	ago, ran := h.ago[name]
	return ago, ran, h.away
}

func TestChecks_of_the_schedule(t *testing.T) {
	t.Parallel()
	onTime := map[string]time.Duration{}
	for _, e := range jobs.Schedule {
		onTime[e.Kind.Name] = 2 * e.Every // as it may be after a restart
	}
	late := map[string]time.Duration{}
	for name, ago := range onTime {
		late[name] = ago
	}
	sweep := jobs.StoreSweep.Name
	late[sweep] = 48 * time.Hour
	for _, c := range []struct {
		name   string
		h      history
		up     time.Duration
		status wire.HealthStatus
		words  string
	}{
		{"on time", history{ago: onTime}, time.Hour, wire.Healthy, "ran in the last"},
		{"just started", history{}, time.Minute, wire.Healthy, ""},
		{"never", history{}, time.Hour, wire.Degraded, "has never run"},
		{"late", history{ago: late}, time.Hour, wire.Degraded, sweep + " has not run for 48h0m0s"},
		{"away", history{away: errors.New("away")}, time.Hour, wire.Degraded, "away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := Parts{Rows: c.h, Started: time.Now().Add(-c.up)}
			wantHealth(t, p.schedule(t.Context()), c.status, c.words)
		})
	}
}

// However many ask, there is one question a lifetime; a caller that gives up does
// not end it.
func TestCached_asks_once(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		ask := cached(time.Minute, func(ctx context.Context) wire.Health {
			asked.Add(1)
			time.Sleep(3 * time.Second)
			return wire.Health{Status: wire.Healthy, Reason: "fine"}
		})
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantHealth(t, ask(hasty), wire.Degraded, "no answer yet")
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { wantHealth(t, ask(t.Context()), wire.Healthy, "fine") })
		}
		all.Wait()
		if got := ask(t.Context()); asked.Load() != 1 || got.LatencyMS != 3000 {
			t.Errorf("asked %d times; it took %v ms", asked.Load(), got.LatencyMS)
		}
		time.Sleep(time.Minute + time.Second)
		ask(t.Context())
		if asked.Load() != 2 {
			t.Errorf("asked %d times, want once more after a minute", asked.Load())
		}
	})
}
