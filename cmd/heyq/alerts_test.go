//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hibiken/asynq"

	"heyq/dispatch"
	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/wire"
)

// slack is a receiver of alerts.
type slack struct {
	URL string

	mu    sync.Mutex
	texts []string
}

func newSlack(t *testing.T) *slack {
	t.Helper()
	s := &slack{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		var message struct{ Text string }
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			t.Errorf("a message cannot be read: %v", err)
		}
		s.texts = append(s.texts, message.Text)
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL + "/services/secret"
	return s
}

// got returns what came so far.
func (s *slack) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.texts
}

// look has a worker look whether all is well, as the scheduler does every minute,
// and waits until it has.
func (f *fleet) look(t *testing.T, times int) {
	t.Helper()
	option, err := asynq.ParseRedisURI(f.redis.URL() + "/0")
	if err != nil {
		t.Fatal(err)
	}
	client := asynq.NewClient(option)
	defer client.Close()
	conn := f.sql(t)
	for range times {
		const looks = `SELECT round FROM watch WHERE lease_until IS NULL`
		var before int
		testkit.Eventually(t, func() error { return conn.QueryRow(t.Context(), looks).Scan(&before) })
		task, err := dispatch.NewTask(jobs.OpsWatch, jobs.Scheduled{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.EnqueueContext(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, func() error {
			var now int
			if err := conn.QueryRow(t.Context(), looks).Scan(&now); err != nil || now == before {
				return fmt.Errorf("nobody has looked since look %d: %w", before, err)
			}
			return nil
		})
	}
}

// Admission is paused: the operator is told once that it is, and once that it is
// not any more, though two workers look and one of them is killed.
func TestE2E_alerts_real(t *testing.T) {
	t.Parallel()
	channel := newSlack(t)
	f := newFleet(t, simulator.Options{}, "HEYQ_ALERT_WEBHOOK="+channel.URL, "HEYQ_ALERT_FREE_DISK=1")
	_, url := f.startAPI(t)
	environ := operatorOf(url)
	first := f.start(t, "worker")
	f.look(t, 2)
	heyq(t, environ, "alerts").wantOK(t).want(t, 0, "nothing is wrong")

	heyq(t, environ, "admission", "pause").wantOK(t)
	f.look(t, 3)
	first.kill()
	f.start(t, "worker")
	f.look(t, 2)
	heyq(t, environ, "alerts").wantOK(t).want(t, 0, "admission-closed", "paused", "operator")
	heyq(t, environ, "admission", "resume").wantOK(t)
	f.look(t, 3)
	list := decode[wire.AlertList](t, heyq(t, environ, "alerts", "--json").wantOK(t))
	if len(list.Active) != 0 || len(list.Ended) != 1 || list.Ended[0].Rule != "admission-closed" || list.Ended[0].EndSentAt == nil {
		t.Errorf("got %+v", list)
	}
	heyq(t, environ, "alerts").wantOK(t).want(t, 0, "nothing is wrong", "has ended", "admission-closed")

	heyq(t, environ, "alerts", "test").wantOK(t).want(t, 0, "was sent")
	got := channel.got()
	for i, want := range []string{":red_circle: *admission-closed*", ":large_green_circle: *admission-closed*", "This is a test"} {
		if len(got) != 3 || !strings.Contains(got[i], want) {
			t.Fatalf("message %d should hold %q: %q", i+1, want, got)
		}
	}
}

func TestE2E_alerts_test_without_a_webhook(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	heyq(t, environ, "alerts", "test").want(t, 2, "HEYQ_ALERT_WEBHOOK")
	heyq(t, environ, "alerts", "--ended", "-1").want(t, 2, "--ended")
	heyq(t, environ, "alerts", "tst").want(t, 2, "did you mean heyq alerts test?")
}
