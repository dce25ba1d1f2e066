package testkit

import (
	"testing"

	"heyq/internal/servers"
)

// RedisServer is a Redis that a test may stop, kill, start and flush.
type RedisServer = servers.RedisServer

// Redis returns the redis:// URL of a Redis that belongs to this test alone.
func Redis(t testing.TB) string {
	t.Helper()
	return StartRedis(t).URL()
}

// StartRedis is Redis for a test that stops, kills or flushes it.
func StartRedis(t testing.TB, opts ...servers.Option) *RedisServer {
	t.Helper()
	s, err := servers.StartRedis(startContext(t), t.TempDir(), opts...)
	mustStart(t, err)
	t.Cleanup(s.Kill) // nobody reads its data again
	return s
}
