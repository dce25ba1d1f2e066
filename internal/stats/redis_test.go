package stats

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// counting returns a client whose commands are counted.
func counting(t *testing.T) (*miniredis.Miniredis, *redis.Client, func() map[string]Totals) {
	t.Helper()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	recorder := New(Options{})
	client.AddHook(recorder.Redis())
	return server, client, func() map[string]Totals { return recorder.Summary().ByType[RedisOperation].ByName }
}

func TestRedis_count_commands(t *testing.T) {
	t.Parallel()
	server, client, counted := counting(t)
	ctx := t.Context()
	client.Set(ctx, "key", 1, 0)
	if err := client.Get(ctx, "no key").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("got %v", err)
	}
	if err := redis.NewScript(`return 1`).Run(ctx, client, nil).Err(); err != nil { // EVALSHA, which is not known, and EVAL
		t.Error(err)
	}
	if _, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Get(ctx, "key")
		p.Get(ctx, "no key")
		return nil
	}); !errors.Is(err, redis.Nil) {
		t.Errorf("got %v", err)
	}
	client.LPush(ctx, "key", 1) // is no list
	want := map[string]Totals{
		"SET": {Total: 1}, "GET": {Total: 1}, "EVALSHA": {Total: 1}, "EVAL": {Total: 1}, "pipeline": {Total: 1}, "LPUSH": {Total: 1, Failed: 1},
	}
	got := counted()
	for name, w := range want {
		if g := got[name]; g.Total != w.Total || g.Failed != w.Failed {
			t.Errorf("%s: %d of %d failed, want %d of %d", name, g.Failed, g.Total, w.Failed, w.Total)
		}
	}
	if len(got) != len(want) {
		t.Errorf("counted %v", got)
	}
	server.Close()
	if err := client.Get(ctx, "key").Err(); err == nil || counted()["GET"].Failed != 1 {
		t.Errorf("Redis is away: %v, counted %+v", err, counted()["GET"])
	}
}

// Waiting for something is no work of Redis', and giving up no failure.
func TestRedis_do_not_count_waiting(t *testing.T) {
	t.Parallel()
	_, client, counted := counting(t)
	client.BLPop(t.Context(), 10*time.Millisecond, "list")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	client.Get(gone, "key")
	_ = client.Close()
	client.Get(t.Context(), "key")
	if got := counted(); len(got) > 0 {
		t.Errorf("counted %v", got)
	}
}
