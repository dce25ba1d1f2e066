package testservers_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/internal/testkit"
	"heyq/internal/testservers"
)

func clusterClient(t *testing.T, c *testservers.RedisCluster) *redis.ClusterClient {
	t.Helper()
	hosts, found := strings.CutPrefix(c.URL(), "redis-cluster://")
	if !found {
		t.Fatal(c.URL())
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:                      strings.Split(hosts, ","),
		PoolSize:                   1,           // WAIT speaks of one connection
		ClusterStateReloadInterval: time.Second, // a node that cannot be dialed is not asked about otherwise
	})
	t.Cleanup(func() { client.Close() })
	return client
}

func TestRedisCluster_shares_the_keys_and_forgets_those_of_a_killed_node(t *testing.T) {
	t.Parallel()
	c := testkit.StartCluster(t)
	client := clusterClient(t, c)
	const keys = 30
	for i := range keys {
		if err := client.Set(t.Context(), fmt.Sprintf("key %d", i), i, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, node := range c.Nodes() {
		if n, err := redisClient(t, node).DBSize(t.Context()).Result(); err != nil || n == 0 || n == keys {
			t.Errorf("%s has %d of %d keys, %v", node.URL(), n, keys, err)
		}
	}
	i, err := c.Master(t.Context(), "key 7")
	if err != nil {
		t.Fatal(err)
	}
	c.Kill(i)
	if err := c.Start(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, func() error {
		if err := client.Get(t.Context(), "key 7").Err(); !errors.Is(err, redis.Nil) {
			return fmt.Errorf("the killed node's key: %w", err)
		}
		return nil
	})
}

func TestRedisCluster_replica_takes_over(t *testing.T) {
	t.Parallel()
	c := testkit.StartCluster(t, testservers.Replicated())
	client := clusterClient(t, c)
	if err := client.Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	before, err := c.Master(t.Context(), "key")
	if err != nil {
		t.Fatal(err)
	}
	node, err := client.MasterForKey(t.Context(), "key")
	if err != nil {
		t.Fatal(err)
	}
	if n := node.Wait(t.Context(), 1, 10*time.Second).Val(); n != 1 {
		t.Fatalf("%d replicas have it, want 1", n)
	}
	c.Kill(before)
	start := time.Now()
	eventuallySet(t, client, "key", "new")
	t.Logf("a new master after %s", time.Since(start).Round(time.Millisecond))
	after, err := c.Master(t.Context(), "key")
	if err != nil || after == before {
		t.Errorf("the master is node %d, was %d (%v)", after, before, err)
	}
	if err := c.Start(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}
