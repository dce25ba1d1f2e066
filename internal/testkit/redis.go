package testkit

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/internal/testservers"
)

// RedisServer is a Redis that a test may stop, kill, start and flush.
type RedisServer = testservers.RedisServer

// Redis returns the redis:// URL of a Redis that belongs to this test alone.
func Redis(t testing.TB) string {
	t.Helper()
	return StartRedis(t).URL()
}

// StartRedis is Redis for a test that stops, kills or flushes it.
func StartRedis(t testing.TB, opts ...testservers.Option) *RedisServer {
	t.Helper()
	s, err := testservers.StartRedis(startContext(t), t.TempDir(), opts...)
	mustStart(t, err)
	t.Cleanup(s.Kill) // its data is not read again
	return s
}

// RedisSentinel is a master with replicas and sentinels, any of which a test
// may kill.
type RedisSentinel = testservers.RedisSentinel

// StartSentinel starts a Sentinel set for this test.
func StartSentinel(t testing.TB, opts ...testservers.Option) *RedisSentinel {
	t.Helper()
	s, err := testservers.StartSentinel(startContext(t), t.TempDir(), opts...)
	mustStart(t, err)
	t.Cleanup(s.Close)
	return s
}

// RedisCluster is a Redis Cluster whose nodes a test may kill.
type RedisCluster = testservers.RedisCluster

// StartCluster starts a Redis Cluster for this test.
func StartCluster(t testing.TB, opts ...testservers.Option) *RedisCluster {
	t.Helper()
	c, err := testservers.StartCluster(startContext(t), t.TempDir(), opts...)
	mustStart(t, err)
	t.Cleanup(c.Close)
	return c
}

// NewCertificates makes certificates for this test, in files of its own.
func NewCertificates(t testing.TB) testservers.Certificates {
	t.Helper()
	c, err := testservers.NewCertificates(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// EveryRedis has a function for each kind of Redis that REDIS_URL may name. It starts
// such a Redis and returns its URL.
var EveryRedis = map[string]func(testing.TB) string{
	"single":   Redis,
	"sentinel": func(t testing.TB) string { t.Helper(); return StartSentinel(t).URL() },
	"cluster":  func(t testing.TB) string { t.Helper(); return StartCluster(t).URL() },
}

// OpenRedis returns a client of any of them, and closes it when the test ends.
func OpenRedis(t testing.TB, address string) redis.UniversalClient {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var client redis.UniversalClient
	switch u.Scheme {
	case "redis-cluster":
		client = redis.NewClusterClient(&redis.ClusterOptions{
			Addrs: strings.Split(u.Host, ","), ClusterStateReloadInterval: time.Second,
		})
	case "redis-sentinel":
		client = redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: u.Query().Get("master"), SentinelAddrs: strings.Split(u.Host, ","),
		})
	default:
		options, err := redis.ParseURL(address)
		if err != nil {
			t.Fatal(err)
		}
		client = redis.NewClient(options)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
