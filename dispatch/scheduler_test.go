package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
)

// upkeep is a store whose lock is always free, and which remembers runs.
type upkeep struct {
	store.Upkeep
	last map[string]time.Duration // how long ago; absent: never
	err  error
	led  atomic.Int64
}

func (u *upkeep) Lead(ctx context.Context, name string, fn func(context.Context) error) error {
	if name != scheduleLock {
		return fmt.Errorf("lock %q", name)
	}
	u.led.Add(1)
	return fn(ctx)
}

func (u *upkeep) SinceRun(_ context.Context, name string) (time.Duration, bool, error) {
	ago, ran := u.last[name]
	return ago, ran, u.err
}

// schedule runs a scheduler until stop.
func schedule(t *testing.T, b *bench, u *upkeep, log zerolog.Logger) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- NewScheduler(b.redis, u, log).Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// scheduled lists the kinds that wait, by name.
func (b *bench) scheduled(t *testing.T) map[string]int {
	t.Helper()
	kinds := map[string]int{}
	for _, queue := range []jobs.Queue{jobs.MaintenanceQueue, jobs.WatchQueue} {
		for _, info := range infos(t, b.eyes, queue) {
			kinds[info.Type]++
		}
	}
	return kinds
}

// started waits until a scheduler has said so.
func started() (log zerolog.Logger, wait func(t *testing.T)) {
	said := make(chan struct{}, 10)
	log = zerolog.New(writerFunc(func(line []byte) {
		if strings.Contains(string(line), "this process schedules") {
			said <- struct{}{}
		}
	}))
	return log, func(t *testing.T) {
		t.Helper()
		select {
		case <-said:
		case <-time.After(soon):
			t.Fatal("nobody schedules")
		}
	}
}

func TestScheduler_catches_up_on_what_was_missed(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	u := &upkeep{last: map[string]time.Duration{
		jobs.StoreSweep.Name: time.Hour + time.Minute,   // its tick was missed
		jobs.KeysForget.Name: 6*time.Hour - time.Minute, // its tick is to come
	}} // and the others have never run
	for range 2 { // a second leader finds the same, and the jobs still waiting
		log, wait := started()
		stop := schedule(t, b, u, log)
		wait(t)
		stop()
	}
	compare(t, "waiting", b.scheduled(t), map[string]int{
		jobs.AnalyticsRollup.Name: 1, jobs.StoreSweep.Name: 1, jobs.FilesVerify.Name: 1, jobs.NotifyForget.Name: 1, jobs.VideosRemove.Name: 1, jobs.HeyGenDelete.Name: 1, jobs.AuditForget.Name: 1,
		jobs.OpsWatch.Name: 1,
	})
	if err := b.redis.Ping(t.Context()).Err(); err != nil {
		t.Errorf("the scheduler closed a client that is not its own: %v", err)
	}
}

func TestScheduler_locks_a_job_for_less_than_its_period(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	log, wait := started()
	stop := schedule(t, b, &upkeep{}, log)
	wait(t)
	stop()
	for _, e := range jobs.Schedule {
		found := false
		for _, key := range b.mini.Keys() {
			if !strings.Contains(key, ":unique:"+e.Kind.Name+":") {
				continue
			}
			found = true
			if ttl := b.mini.TTL(key); ttl <= e.Every/2 || ttl >= e.Every {
				t.Errorf("%s is locked for %s of a period of %s: the next tick is lost, or a second one waits", e.Kind.Name, ttl, e.Every)
			}
		}
		if !found {
			t.Errorf("%s is not unique", e.Kind.Name)
		}
	}
}

func TestScheduler_asks_again_when_it_could_not_start(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	u := &upkeep{err: errAway}
	stop := schedule(t, b, u, zerolog.Nop())
	testkit.Eventually(t, func() error {
		if u.led.Load() < 2 {
			return errors.New("it gave up")
		}
		return nil
	})
	stop()
}

func TestSchedule_names_each_job_once(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range jobs.Schedule {
		if seen[e.Kind.Name] {
			t.Errorf("%s is scheduled twice", e.Kind.Name)
		}
		seen[e.Kind.Name] = true
		if e.Every <= 0 || e.Every.Truncate(time.Minute) != e.Every {
			t.Errorf("%s runs every %s", e.Kind.Name, e.Every)
		}
	}
}
