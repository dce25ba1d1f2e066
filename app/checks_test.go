package app

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heyq/config"
	"heyq/internal/disk"
	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
)

func wantHealth(t *testing.T, got wire.Health, status wire.HealthStatus, words string) {
	t.Helper()
	if got.Status != status || !strings.Contains(got.Reason, words) {
		t.Errorf("got %s, %q; want %s, %q", got.Status, got.Reason, status, words)
	}
}

func TestDispatchHealth(t *testing.T) {
	t.Parallel()
	waiting := store.Load{Jobs: 10_000, Overdue: 10_000, Lag: 5 * time.Hour}
	wantHealth(t, dispatchHealth(store.Backlog{Admission: waiting}), wire.Healthy, "nothing is due")
	wantHealth(t, dispatchHealth(store.Backlog{Queues: store.Loads(map[store.Queue]store.Load{
		store.PollQueue: {Overdue: 9, Lag: 29 * time.Second},
	})}), wire.Healthy, "nothing is due")
	wantHealth(t, dispatchHealth(store.Backlog{Queues: store.Loads(map[store.Queue]store.Load{
		store.PollQueue: {Overdue: 1, Lag: time.Second}, store.DownloadQueue: {Overdue: 7, Lag: time.Minute},
	})}), wire.Degraded, "7 are due in download and not dispatched, one for 1m0s")
}

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

func TestScheduleHealth(t *testing.T) {
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
			a := &App{store: c.h, started: time.Now().Add(-c.up)}
			wantHealth(t, a.scheduleHealth(t.Context()), c.status, c.words)
		})
	}
}

func TestRoomHealth(t *testing.T) {
	t.Parallel()
	const total = 100 << 30
	for _, c := range []struct {
		free       int64
		holdsStore bool
		status     wire.HealthStatus
	}{
		{diskLow, true, wire.Healthy},
		{diskLow - 1, true, wire.Degraded},
		{diskFull - 1, true, wire.Unhealthy},
		{diskFull - 1, false, wire.Degraded},
		{0, false, wire.Degraded},
	} {
		wantHealth(t, roomHealth("/srv", disk.Space{Free: c.free, Total: total}, nil, c.holdsStore), c.status, "free in /srv")
	}
	wantHealth(t, roomHealth("/srv", disk.Space{}, errors.New("no such disk"), true), wire.Degraded, "no such disk")
	wantHealth(t, roomHealth("/srv", disk.Space{}, errors.ErrUnsupported, true), wire.Healthy, "does not say")
}

func TestDiskHealth_looks_at_each_place_once(t *testing.T) {
	t.Parallel()
	dir, media := t.TempDir(), t.TempDir()
	inside := config.Config{Store: config.Store{Dir: dir}}
	if got := places(inside); len(got) != 1 || got[0] != dir {
		t.Errorf("got %v, want the data folder alone", got)
	}
	outside := inside
	outside.Media.URL = "file://" + media
	if got := places(outside); len(got) != 2 || got[1] != media {
		t.Errorf("got %v, want both", got)
	}
	outside.Media.URL = "s3://bucket"
	if got := places(outside); len(got) != 1 {
		t.Errorf("got %v, want the data folder alone", got)
	}
	wantHealth(t, diskHealth(inside), wire.Healthy, dir)
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
