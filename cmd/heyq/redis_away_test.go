//go:build linux

package main

import (
	"net/http"
	"testing"
	"time"

	"heyq/heygen/simulator"
)

// Redis goes away under a worker that waits for HeyGen, and an API, once so
// that connections are refused and once so that nothing answers.
// HEYQ_TEST_AWAY says for how long; the figures of docs/reliability.md are of
// 60s.
func TestE2E_redisAway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		take func(*testing.T, server) (back func())
	}{{"refused", refuse}, {"silent", silence}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const running = 8
			away := testDuration(t, "HEYQ_TEST_AWAY", 8*time.Second)
			f := newFleet(t, simulator.Options{})
			conn := f.sql(t)
			held := f.stall(t)
			held.creates.Store(true)
			worker := f.start(t, "worker", held.environ)
			api, url := f.startAPI(t)
			// asynq cancels what runs for 30 s without Redis.
			f.order(t, url, running)
			eventually(t, conn, running, `SELECT count(*) FROM videos WHERE state = 'submitting'`)

			back := c.take(t, f.redis)
			watched := startWatch(t, map[string]*child{"worker": worker, "api": api})
			accepted, slowest := 0, time.Duration(0)
			for ticker := time.NewTicker(time.Second); time.Since(watched.start) < away; <-ticker.C {
				slowest = max(slowest, wantCreated(t, url))
				accepted++
			}
			watched.wantIdle(t, "Redis "+c.name)
			if burned := one[int](t, conn, `SELECT sum(attempt + lapses) FROM videos`); burned != 0 {
				t.Errorf("%d attempts were burned", burned)
			}
			held.release()
			back()
			start := time.Now()
			f.wantAllOnce(t, conn, running+accepted)
			t.Logf("%d requests were answered 202, the slowest after %s; all were completed %s after Redis was back",
				accepted, slowest.Round(time.Millisecond), time.Since(start).Round(100*time.Millisecond))
		})
	}
}

// wantCreated creates a video and fails the test unless it is accepted.
func wantCreated(t *testing.T, api string) time.Duration {
	t.Helper()
	start := time.Now()
	answer, err := asOperator(t, http.MethodPost, api+"/v1/videos", `{"script": "Hi", "avatar_id": "avatar_1", "voice_id": "voice_1"}`)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted && answer.StatusCode != http.StatusCreated {
		t.Errorf("a create was answered %s", answer.Status)
	}
	return time.Since(start)
}
