package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/internal/testkit"
	"heyq/wire"
)

// Each role without the API answers probes at HEYQ_METRICS_ADDR; one with it does
// so at its own address.
func TestProbe_of_each_role(t *testing.T) {
	t.Parallel()
	for _, role := range []Role{Worker, Scheduler, API} {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			c, _, err := config.Load([]string{"HEYQ_DIR=" + t.TempDir(), "HEYQ_ADDR=127.0.0.1:0", "HEYQ_METRICS_ADDR=127.0.0.1:0"})
			if err != nil {
				t.Fatal(err)
			}
			a, err := New(t.Context(), Options{Config: c, Roles: []Role{role}, Migrate: true, Logger: zerolog.Nop()})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- a.Run(ctx) }()
			t.Cleanup(func() {
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
			where := a.Where()
			if role == API {
				if where.Probe != "" {
					t.Errorf("probes are answered at %s besides", where.Probe)
				}
				return
			}
			wantStatus(t, where.Probe+"/healthz", http.StatusOK)
			wantStatus(t, where.Probe+"/metrics", http.StatusUnauthorized) // it is guarded here, too
			// A check has two seconds, which a busy machine may need for other things.
			testkit.Eventually(t, func() error {
				answer, err := http.Get(where.Probe + "/readyz")
				if err != nil {
					return err
				}
				defer answer.Body.Close()
				var got wire.Readiness
				if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || got.Status != wire.Healthy || len(got.Checks) != 7 {
					return fmt.Errorf("ready: %+v, %w", got, err)
				}
				return nil
			})
		})
	}
}

func wantStatus(t *testing.T, url string, status int) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != status {
		t.Errorf("%s answers %d, want %d", url, answer.StatusCode, status)
	}
}
