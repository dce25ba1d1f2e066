//go:build linux

package main

import (
	"errors"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/jobs"
)

// One worker is five minutes ahead, one five minutes behind. Every time that
// matters is the database's.
func TestE2E_clocks(t *testing.T) {
	t.Parallel()
	const n = 60
	f := newFleet(t, simulator.Options{RenderTime: 200 * time.Millisecond})
	_, url := f.startAPI(t, "HEYQ_CLOCK_OFFSET=2m")
	f.start(t, "worker", "HEYQ_CLOCK_OFFSET=5m")
	f.start(t, "worker", "HEYQ_CLOCK_OFFSET=-5m")
	f.start(t, "scheduler", "HEYQ_CLOCK_OFFSET=5m")
	f.order(t, url, n)
	conn := f.sql(t)
	f.wantAllOnce(t, conn, n)
	if sent := one[int](t, conn, `SELECT sum(sends) FROM videos`); sent != n {
		t.Errorf("%d creates were sent for %d videos", sent, n)
	}
}

// asynq keeps its leases by the clocks of its clients: to a worker that is five
// minutes ahead, what the others run looks abandoned, and it takes it for
// itself. Nothing of that begins twice.
func TestE2E_asynqs_leases_are_worth_nothing(t *testing.T) {
	t.Parallel()
	const n = 100
	f := newFleet(t, simulator.Options{Concurrency: 2 * n}, "HEYGEN_CONCURRENCY=200")
	conn := f.sql(t)
	held := f.stall(t)
	held.creates.Store(true)
	_, url := f.startAPI(t)
	f.start(t, "worker", held.environ)
	f.order(t, url, n)
	eventually(t, conn, 20, `SELECT count(*) FROM videos WHERE state = 'submitting'`)

	options, err := redis.ParseURL(f.redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	// Their holders renew them every five seconds; a worker looks for abandoned
	// tasks at its start.
	const leases, retries, pending = "asynq:{create}:lease", "asynq:{create}:retry", "asynq:{create}:pending"
	testkit.Eventually(t, func() error {
		running, err := client.ZRange(t.Context(), leases, 0, -1).Result()
		if err != nil {
			return err
		}
		for _, task := range running {
			before := redis.Z{Member: task, Score: float64(time.Now().Add(-5 * time.Minute).Unix())}
			if err := client.ZAddXX(t.Context(), leases, before).Err(); err != nil {
				return err
			}
		}
		f.start(t, "worker", held.environ)
		if client.ZCard(t.Context(), retries).Val() == 0 {
			return errors.New("nothing is taken for abandoned")
		}
		return nil
	})
	inspector := asynq.NewInspectorFromRedisClient(client)
	testkit.Eventually(t, func() error {
		if _, err := inspector.RunAllRetryTasks(string(jobs.CreateQueue)); err != nil { // they are due in half a minute
			return err
		}
		if client.ZCard(t.Context(), retries).Val()+client.LLen(t.Context(), pending).Val() > 0 {
			return errors.New("abandoned tasks wait")
		}
		return nil
	})
	held.release()
	f.wantAllOnce(t, conn, n)
	if sent := held.sends(); sent != n {
		t.Errorf("%d creates were sent for %d videos", sent, n)
	}
}
