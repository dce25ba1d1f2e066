//go:build linux

package main

import (
	"errors"
	"net/http"
	"slices"
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
			var took []time.Duration
			for ticker := time.NewTicker(500 * time.Millisecond); time.Since(watched.start) < away; <-ticker.C {
				took = append(took, wantAway(t, url))
			}
			watched.wantIdle(t, "Postgres "+c.name)
			slices.Sort(took)
			middle, slowest := took[len(took)/2], took[len(took)-1]
			t.Logf("%d requests were answered 503, half of them within %s, the slowest after %s",
				len(took), middle.Round(time.Millisecond), slowest.Round(time.Millisecond))
			if middle > promisedAway {
				t.Errorf("half of the answers took %s or more, want %s at most", middle, promisedAway)
			}
			if slowest > mostAway {
				t.Errorf("an answer took %s, want %s at most", slowest, mostAway)
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

// How long an answer may take while Postgres is away.
const (
	// promisedAway is what docs/reliability.md says. One of a server that refuses takes
	// milliseconds, and one of a server that is silent a second and a half.
	promisedAway = 2 * time.Second
	// mostAway is for the one answer that a busy machine forgets: what waits for a
	// statement waits for half a minute.
	mostAway = 15 * time.Second
)

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
