package app

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/internal/policy"
	"heyq/wire"
)

// However often a probe finds HeyGen and the media store broken, the work decides
// itself whether it calls them.
func TestChecks_open_no_breaker(t *testing.T) {
	t.Parallel()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(broken.Close)
	c, _, err := config.Load([]string{
		"HEYQ_DIR=" + t.TempDir(), "HEYQ_ADDR=127.0.0.1:0", "HEYQ_RETRY_TRIES=1", "HEYGEN_API_KEY=k", "HEYGEN_API_URL=" + broken.URL, "HEYQ_HEYGEN_RATE=1000",
		"HEYQ_MEDIA_URL=s3://shelf?region=us-east-1&anonymous=true&use_path_style=true&disable_https=true&endpoint=" + broken.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), Options{Config: c, Roles: []Role{API}, Migrate: true, Logger: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.close() })
	var mu sync.Mutex
	found := map[string]int{}
	var probes sync.WaitGroup
	for range 2 * c.Policy.BreakerFailures { // at once: S3's client waits before it asks again
		for _, check := range a.checks() {
			probes.Go(func() {
				if h := check.Probe(t.Context()); h.Status != wire.Healthy {
					mu.Lock()
					defer mu.Unlock()
					found[check.Name]++
				}
			})
		}
	}
	probes.Wait()
	if found["heygen"] != 2*c.Policy.BreakerFailures || found["media"] != 2*c.Policy.BreakerFailures {
		t.Errorf("found broken, and how often: %v", found)
	}
	for _, name := range []string{"heygen", "media"} {
		if state, _, cause := a.policies.State(name); state != policy.Closed {
			t.Errorf("the breaker of %s is %s: %s", name, state, cause)
		}
	}
}
