package app

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/internal/testkit"
	"heyq/jobs"
)

// A worker that is told to stop while Redis is silent closes its client under
// asynq, whose subscriber used to fall over that and take the process along.
func TestWorker_stops_while_Redis_is_silent_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartRedis(t)
	c, _, err := config.Load([]string{"HEYQ_DIR=" + t.TempDir(), "REDIS_URL=" + server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), Options{Config: c, Roles: []Role{Worker}, Migrate: true, Logger: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	wantListening(t, server, len(jobs.Queues))

	if err := syscall.Kill(server.PID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	wantOutage(t, a.outage) // asynq is in the middle of commands
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(testkit.Patience):
		t.Error("has not stopped")
	}
}

// wantOutage waits until a command has failed.
func wantOutage(t *testing.T, o *outage) {
	t.Helper()
	testkit.Eventually(t, func() error {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.since.IsZero() {
			return errors.New("Redis still answers")
		}
		return nil
	})
}

// wantListening waits until asynq's servers listen for cancellations.
func wantListening(t *testing.T, server *testkit.RedisServer, servers int) {
	t.Helper()
	option, err := redis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(option)
	defer client.Close()
	const channel = "asynq:cancel"
	testkit.Eventually(t, func() error {
		n, err := client.PubSubNumSub(t.Context(), channel).Result()
		if err == nil && n[channel] < int64(servers) {
			err = fmt.Errorf("%d servers listen, want %d", n[channel], servers)
		}
		return err
	})
}
