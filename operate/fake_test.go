package operate

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/dispatch"
	"heyq/jobs"
	"heyq/store"
)

var errAway = errors.New("the database did not answer")

// bench is a Redis to operate on.
type bench struct {
	mini  *miniredis.Miniredis
	redis *redis.Client // of what is tested
	eyes  *redis.Client // the test's own
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{mini: miniredis.RunT(t)}
	b.redis = redis.NewClient(&redis.Options{Addr: b.mini.Addr(), MaxRetries: -1})
	b.eyes = redis.NewClient(&redis.Options{Addr: b.mini.Addr()})
	t.Cleanup(func() { _, _ = b.redis.Close(), b.eyes.Close() })
	return b
}

// send sends the tasks of n videos that are due for a step.
func (b *bench) send(t *testing.T, step store.Step, n int) {
	t.Helper()
	claims := make([]store.Claim, n)
	for i := range claims {
		claims[i] = store.Claim{Video: uuid.Must(uuid.NewV7()), Claim: 1}
	}
	if err := dispatch.NewSender(b.redis, struct{ store.Store }{}).Send(t.Context(), step, claims); err != nil {
		t.Fatal(err)
	}
}

// scheduled lists the kinds that wait, by name.
func (b *bench) scheduled(t *testing.T) map[string]int {
	t.Helper()
	kinds := map[string]int{}
	for _, queue := range []jobs.Queue{jobs.MaintenanceQueue, jobs.WatchQueue} {
		tasks, err := asynq.NewInspectorFromRedisClient(b.eyes).ListPendingTasks(string(queue), asynq.PageSize(10_000))
		if err != nil && !errors.Is(err, asynq.ErrQueueNotFound) {
			t.Fatal(err)
		}
		for _, info := range tasks {
			kinds[info.Type]++
		}
	}
	return kinds
}

// unlocked is a store whose lock is always free, and in which nothing has run.
type unlocked struct{ store.Upkeep }

func (unlocked) Lead(ctx context.Context, _ string, fn func(context.Context) error) error {
	return fn(ctx)
}

func (unlocked) SinceRun(context.Context, string) (time.Duration, bool, error) { return 0, false, nil }

// schedule runs a scheduler until stop.
func (b *bench) schedule(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- dispatch.NewScheduler(b.redis, unlocked{}, zerolog.Nop()).Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func compare(t *testing.T, what string, got, want any, options ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
