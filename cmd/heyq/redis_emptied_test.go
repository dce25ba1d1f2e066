//go:build linux

package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

// Redis loses everything while it carries the tasks of many videos. All of
// them are dispatched again at once. HEYQ_TEST_VIDEOS says how many; the figure
// of docs/reliability.md is of 1000.
func TestE2E_redisEmptied(t *testing.T) {
	t.Parallel()
	n := int(testNumber(t, "HEYQ_TEST_VIDEOS", 300))
	const all = 10_000
	f := newFleet(t, simulator.Options{Concurrency: all}, fmt.Sprintf("HEYGEN_CONCURRENCY=%d", all))
	conn := f.sql(t)
	held := f.stall(t)
	held.creates.Store(true)
	_, url := f.startAPI(t)
	f.start(t, "worker", held.environ, "HEYQ_CREATE_CONCURRENCY=1")
	f.order(t, url, n)
	eventually(t, conn, n, `SELECT count(*) FROM videos WHERE slot`)
	eventually(t, conn, 1, `SELECT count(*) FROM videos WHERE state = 'submitting'`)

	options, err := redis.ParseURL(f.redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	waiting := func() int64 { return client.LLen(t.Context(), "asynq:{create}:pending").Val() }
	testkit.Eventually(t, func() error {
		if waiting() < int64(n/25/2) {
			return fmt.Errorf("%d tasks wait", waiting())
		}
		return nil
	})
	claimed := one[int64](t, conn, `SELECT sum(claim) FROM videos WHERE state = 'queued'`)
	if err := f.redis.FlushAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	testkit.Eventually(t, func() error {
		again := one[int64](t, conn, `SELECT sum(claim) FROM videos WHERE state = 'queued'`) - claimed
		if again < int64(n-1) || waiting() < int64((n-1)/25) {
			return fmt.Errorf("%d videos were claimed again, %d tasks wait", again, waiting())
		}
		return nil
	})
	t.Logf("%d dispatched videos were in Redis again %s after it was emptied", n, time.Since(start).Round(time.Millisecond))
	held.release()
	f.start(t, "worker") // many at once
	f.wantAllOnce(t, conn, n)
}
