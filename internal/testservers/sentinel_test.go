package testservers_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/internal/testkit"
	"heyq/internal/testservers"
)

// throughSentinels returns a client that reads the URL as REDIS_URL is read. It
// has one connection, so that WAIT speaks of what it wrote.
func throughSentinels(t *testing.T, s *testservers.RedisSentinel) *redis.Client {
	t.Helper()
	u, err := url.Parse(s.URL())
	if err != nil || u.Scheme != "redis-sentinel" {
		t.Fatalf("%s, %v", s.URL(), err)
	}
	client := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: u.Query().Get("master"), SentinelAddrs: strings.Split(u.Host, ","), PoolSize: 1,
	})
	t.Cleanup(func() { client.Close() })
	return client
}

// eventuallySet sets a key as soon as there is a master to take it.
func eventuallySet(t *testing.T, client redis.UniversalClient, key, value string) {
	t.Helper()
	testkit.Eventually(t, func() error { return client.Set(t.Context(), key, value, 0).Err() })
}

func TestRedisSentinel_replaces_a_killed_master(t *testing.T) {
	t.Parallel()
	s := testkit.StartSentinel(t)
	client := throughSentinels(t, s)
	if err := client.Set(t.Context(), "kept", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n := client.Wait(t.Context(), 2, 10*time.Second).Val(); n != 2 {
		t.Fatalf("%d replicas have it, want 2", n)
	}
	dead, err := s.KillMaster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := s.Settled(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	t.Logf("a new master after %s", time.Since(start).Round(time.Millisecond))
	eventuallySet(t, client, "new", "yes")
	if got, err := client.Get(t.Context(), "kept").Result(); err != nil || got != "yes" {
		t.Errorf("what was replicated is %q, %v", got, err)
	}
	if err := s.Rejoin(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	if err := s.Failover(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRedisSentinel_Sever_loses_the_last_writes(t *testing.T) {
	t.Parallel()
	s := testkit.StartSentinel(t)
	client := throughSentinels(t, s)
	eventuallySet(t, client, "early", "yes")
	if n := client.Wait(t.Context(), 2, 10*time.Second).Val(); n != 2 {
		t.Fatalf("%d replicas have it, want 2", n)
	}
	if err := s.Sever(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(t.Context(), "late", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	dead, err := s.KillMaster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Settled(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	eventuallySet(t, client, "new", "yes")
	if err := client.Get(t.Context(), "early").Err(); err != nil {
		t.Errorf("what was replicated is lost: %v", err)
	}
	if err := client.Get(t.Context(), "late").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("what was said after the cut is there: %v", err)
	}
}
