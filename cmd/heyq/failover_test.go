//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"heyq/internal/testkit"
	"heyq/internal/testservers"
	"heyq/store/postgres/postgrestest"
	"heyq/store/sqlite/sqlitetest"
)

// TestE2E_failover_real runs the production form on Redis Sentinel and on Redis
// Cluster, takes servers away while videos run, and says how long nothing was
// completed. Each video is completed, and billed once. With -parallel=1 the
// figures are those of docs/reliability.md.
func TestE2E_failover_real(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) outage{
		"sentinel, master killed": func(t *testing.T) outage {
			s := testkit.StartSentinel(t)
			return outage{redis: s.URL(), fail: func() error { return killMaster(t.Context(), s) }}
		},
		"sentinel, last writes lost": func(t *testing.T) outage {
			s := testkit.StartSentinel(t)
			return outage{s.URL(), func() error { return s.Sever(t.Context()) }, func() error { return killMaster(t.Context(), s) }}
		},
		"sentinel, master replaced alive": func(t *testing.T) outage {
			s := testkit.StartSentinel(t)
			return outage{redis: s.URL(), fail: func() error { return s.Failover(t.Context()) }}
		},
		"cluster, master killed": func(t *testing.T) outage {
			c := testkit.StartCluster(t, testservers.Replicated())
			i := pollMaster(t, c)
			return outage{redis: c.URL(), fail: func() error { c.Kill(i); return nil }}
		},
		"cluster, last writes lost": func(t *testing.T) outage {
			c := testkit.StartCluster(t, testservers.Replicated())
			i := pollMaster(t, c)
			return outage{c.URL(), func() error { return c.Sever(t.Context(), i) }, func() error { c.Kill(i); return nil }}
		},
		"cluster, a node comes back empty": func(t *testing.T) outage {
			c := testkit.StartCluster(t)
			i := pollMaster(t, c)
			return outage{redis: c.URL(), fail: func() error { c.Kill(i); return c.Start(t.Context(), i) }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failover(t, start(t))
		})
	}
}

// outage is a Redis and how it fails: in one step, or in two with work between
// them.
type outage struct {
	redis   string
	prepare func() error // may be nil
	fail    func() error
}

func killMaster(ctx context.Context, s *testkit.RedisSentinel) error {
	_, err := s.KillMaster(ctx)
	return err
}

func pollMaster(t *testing.T, c *testkit.RedisCluster) int {
	t.Helper()
	i, err := c.Master(t.Context(), "asynq:{poll}:pending")
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// failover makes videos with two workers, lets Redis fail in the middle, and
// waits until all of them are completed. One of the workers runs in this process,
// where the race detector sees it; the others are processes, which cost a fifth.
func failover(t *testing.T, o outage) {
	const videos, slots = 200, 20
	path := "PATH=" + os.Getenv("PATH")
	simulator := startProcess(t, []string{path}, "simulator", "--addr", "127.0.0.1:0", "--render-time", "300ms", "--concurrency", strconv.Itoa(slots))
	heygen := simulator.tells(t, "simulator at ")
	environ := []string{
		"DATABASE_URL=" + postgrestest.URL(t), "REDIS_URL=" + o.redis, "HEYQ_DIR=" + sqlitetest.Folder(t),
		"HEYGEN_API_URL=" + heygen, "HEYGEN_API_KEY=any", "HEYGEN_CONCURRENCY=" + strconv.Itoa(slots),
		"HEYQ_POLL_INTERVAL=100ms", "HEYQ_LOG_LEVEL=error", "HEYQ_OPERATOR_TOKEN=" + testToken,
	}
	outside := append(slices.Clone(environ), path)
	user := operatorOf(startProcess(t, outside, "api", "--addr", "127.0.0.1:0").tells(t, "API "))
	startProcess(t, outside, "worker").tells(t, "Redis ")
	serve(t, environ, "Redis ", "worker")
	heyq(t, user, "videos", "import", writeCSV(t, "title,script,avatar_id,voice_id\n"+
		strings.Repeat("Hello,Hello there,avatar_1,voice_1\n", videos)), "--yes").wantOK(t)

	await(t, user, videos/4)
	if o.prepare != nil {
		if err := o.prepare(); err != nil {
			t.Fatal(err)
		}
		await(t, user, videos/2)
	}
	failed := make(chan error, 1)
	go func() { failed <- o.fail() }()
	still := await(t, user, videos)
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	t.Logf("nothing was completed for %s", still.Round(10*time.Millisecond))

	l, err := readLedger(t.Context(), heygen)
	if err != nil || len(l.Renders) != videos {
		t.Errorf("%d renders were billed, want %d (%v)", len(l.Renders), videos, err)
	}
}

// await waits until so many videos are completed, and returns the longest time
// in which none was.
func await(t *testing.T, environ []string, videos int) (still time.Duration) {
	t.Helper()
	last, since := 0, time.Now()
	testkit.Eventually(t, func() error {
		completed := countCompleted(t, environ)
		if completed == last {
			still = max(still, time.Since(since))
		} else {
			last, since = completed, time.Now()
		}
		if completed < videos {
			return fmt.Errorf("%d of %d videos are completed", completed, videos)
		}
		return nil
	})
	return still
}
