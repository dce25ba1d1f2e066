//go:build linux

package main

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

// Postgres goes away under a worker with work in its hands and in Redis, and
// under an API. HEYQ_TEST_AWAY says for how long.
func TestE2E_postgresAway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		take func(*testing.T, server) (back func())
	}{{"refused", refuse}, {"silent", silence}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const running, waiting = 8, 200
			away := testDuration(t, "HEYQ_TEST_AWAY", 6*time.Second)
			f := newFleetAlone(t, simulator.Options{Concurrency: 1000}, "HEYGEN_CONCURRENCY=1000", "HEYQ_CREATE_CONCURRENCY=8")
			conn := f.sql(t)
			held := f.stall(t)
			held.creates.Store(true)
			worker := f.start(t, "worker", held.environ)
			api, url := f.startAPI(t)
			f.order(t, url, running+waiting)
			eventually(t, conn, running, `SELECT count(*) FROM videos WHERE state = 'submitting'`)

			watched := startWatch(t, map[string]*child{"worker": worker, "api": api})
			back := c.take(t, f.postgres)
			testkit.Eventually(t, func() error { // after a kill, a backend may live for a moment
				answer, err := asOperator(t, http.MethodGet, url+"/v1/videos", "")
				if err != nil {
					return err
				}
				answer.Body.Close()
				if answer.StatusCode != http.StatusServiceUnavailable {
					err = errors.New(answer.Status)
				}
				return err
			})
			answers, slowest := 0, time.Duration(0)
			for ticker := time.NewTicker(500 * time.Millisecond); time.Since(watched.start) < away; <-ticker.C {
				slowest = max(slowest, wantAway(t, url))
				answers++
			}
			watched.wantIdle(t, "Postgres "+c.name)
			t.Logf("%d requests were answered 503, the slowest after %s", answers, slowest.Round(time.Millisecond))
			if slowest > mostAway {
				t.Errorf("an answer took %s, want 2s", slowest)
			}
			held.release()
			back()
			start := time.Now()
			if c.name == "refused" {
				conn = f.sql(t)
			}
			f.wantAllOnce(t, conn, running+waiting)
			t.Logf("all %d videos were completed %s after Postgres was back", running+waiting, time.Since(start).Round(100*time.Millisecond))
		})
	}
}

// mostAway is how long an answer may take while Postgres is away. Two seconds are
// promised, which store/postgres holds to; what waits for a statement waits for half
// a minute, so a busy machine gets the time between.
const mostAway = 15 * time.Second

// wantAway creates a video and fails the test unless the answer is 503 and says
// when to come back.
func wantAway(t *testing.T, api string) time.Duration {
	t.Helper()
	start := time.Now()
	answer, err := asOperator(t, http.MethodPost, api+"/v1/videos", `{"script": "Hi", "avatar_id": "avatar_1", "voice_id": "voice_1"}`)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("a create was answered %s, Retry-After %q", answer.Status, answer.Header.Get("Retry-After"))
	}
	return time.Since(start)
}
