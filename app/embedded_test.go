package app

import (
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"heyq/internal/testkit"
)

// Over a connection in memory a large value goes and comes. So does a pipeline of
// many commands whose answers are not read before all are written.
func TestInsideRedis_takes_what_is_large(t *testing.T) {
	t.Parallel()
	dial, stop, err := insideRedis(miniredis.NewMiniRedis())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	client := dial().(*redis.Client).WithTimeout(testkit.Patience) // with the race detector it may take its time
	t.Cleanup(func() { _ = client.Close() })
	large := strings.Repeat("x", 4*insideBuffer)
	if err := client.Set(t.Context(), "large", large, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := client.Get(t.Context(), "large").Result(); err != nil || got != large {
		t.Errorf("%d bytes came back (%v)", len(got), err)
	}
	many := client.Pipeline()
	const tasks = 5000
	for range tasks {
		many.LPush(t.Context(), "tasks", strings.Repeat("x", 100))
	}
	if _, err := many.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := client.LLen(t.Context(), "tasks").Val(); n != tasks {
		t.Errorf("there are %d tasks, want %d", n, tasks)
	}
}
