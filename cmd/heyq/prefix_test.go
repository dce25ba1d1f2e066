//go:build linux

package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"heyq/internal/testkit"
	"heyq/wire"
)

// Two installations with prefixes of their own share a Redis, a Cluster as well,
// and see nothing of each other: not a task, not a worker, not a session.
func TestE2E_prefixes_real(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(t *testing.T) string{
		"one server": func(t *testing.T) string { return testkit.Redis(t) },
		"a cluster":  func(t *testing.T) string { return testkit.StartCluster(t).URL() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const videos = 12
			shared := address(t)
			prefixes := []string{"blue", "green"}
			var users [][]string
			for _, prefix := range prefixes {
				environ := installation(t, withKey, heyGen(t, prefix), "REDIS_URL="+shared, "HEYQ_QUEUE_PREFIX="+prefix,
					"HEYQ_POLL_INTERVAL=100ms", "HEYQ_OPERATOR_TOKEN="+testToken)
				users = append(users, operatorOf(serve(t, environ, "API ", "up")))
			}
			for _, user := range users {
				heyq(t, user, "videos", "import", writeCSV(t, "title,script,avatar_id,voice_id\n"+
					strings.Repeat("Hello,Hello there,avatar_1,voice_1\n", videos)), "--yes").wantOK(t)
			}
			for _, user := range users {
				await(t, user, videos)
				heyq(t, user, "queues", "pause", "download").wantOK(t)
				ada := decode[wire.User](t, heyq(t, user, "users", "create", "ada@example.com", "--json").wantOK(t))
				heyq(t, user, "users", "get", ada.ID).wantOK(t) // it is kept in Redis from then on
			}
			heyq(t, users[0], "queues", "resume", "download").wantOK(t)
			for i, want := range []bool{false, true} {
				o := heyq(t, users[i], "queues", "list").wantOK(t)
				if paused := strings.Contains(o.stdout, "paused"); paused != want {
					t.Errorf("%s: paused is %v, want %v: %s", prefixes[i], paused, want, o.stdout)
				}
			}
			for _, key := range keysOf(t, testkit.OpenRedis(t, shared)) {
				if word, _, _ := strings.Cut(key, ":"); word != prefixes[0] && word != prefixes[1] {
					t.Errorf("the key %s has no prefix", key)
				}
			}
		})
	}
}

// keysOf lists every key of a Redis.
func keysOf(t *testing.T, client redis.UniversalClient) []string {
	t.Helper()
	var (
		mu   sync.Mutex
		keys []string
	)
	list := func(ctx context.Context, c *redis.Client) error {
		found, err := c.Keys(ctx, "*").Result()
		mu.Lock()
		defer mu.Unlock()
		keys = append(keys, found...)
		return err
	}
	err := fmt.Errorf("no client of one server or a cluster: %T", client)
	switch c := client.(type) {
	case *redis.Client:
		err = list(t.Context(), c)
	case *redis.ClusterClient:
		err = c.ForEachMaster(t.Context(), list)
	}
	if err != nil || len(keys) == 0 {
		t.Fatal(len(keys), err)
	}
	return keys
}
