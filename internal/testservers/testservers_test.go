package testservers_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"heyq/internal/testkit"
	"heyq/internal/testservers"
)

func TestRedisServer_keeps_its_address_and_forgets_its_data(t *testing.T) {
	t.Parallel()
	s := testkit.StartRedis(t)
	set(t, s)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if s.PID() != 0 {
		t.Errorf("a stopped server has the pid %d", s.PID())
	}
	restart(t, s)
	if n := keys(t, s); n != 0 {
		t.Errorf("after Stop and Start %d keys are left, want none", n)
	}
	set(t, s)
	if err := s.FlushAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := keys(t, s); n != 0 {
		t.Errorf("after FlushAll %d keys are left, want none", n)
	}
}

func TestRedisServer_Durable_survives_Kill(t *testing.T) {
	t.Parallel()
	s := testkit.StartRedis(t, testservers.Durable())
	set(t, s)
	s.Kill()
	restart(t, s)
	if n := keys(t, s); n != 1 {
		t.Errorf("%d keys survived, want 1", n)
	}
}

func TestRedisServer_With_wins_over_the_default(t *testing.T) {
	t.Parallel()
	s := testkit.StartRedis(t, testservers.With("maxmemory-policy", "allkeys-lru"))
	c := redisClient(t, s)
	got, err := c.ConfigGet(t.Context(), "maxmemory-policy").Result()
	if err != nil || got["maxmemory-policy"] != "allkeys-lru" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPostgresServer_keeps_its_address_and_data(t *testing.T) {
	t.Parallel()
	s := testkit.StartPostgres(t, testservers.Durable(), testservers.With("max_connections", "17"))
	url, err := s.CreateDatabase(t.Context(), "kept", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := query(t, url, "CREATE TABLE kept AS SELECT 1; SELECT current_setting('fsync') || current_setting('max_connections')"); got != "on17" {
		t.Errorf("fsync and max_connections are %q, want on17", got)
	}

	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("a stopped server takes connections")
	}
	restart(t, s)
	s.Kill()
	restart(t, s)
	if got := query(t, url, "SELECT count(*)::text FROM kept"); got != "1" {
		t.Errorf("%s rows survived, want 1", got)
	}

	if err := s.DropDatabase(t.Context(), "kept"); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("a dropped database takes connections")
	}
}

func TestPostgresServer_opens_no_TCP_port(t *testing.T) {
	t.Parallel()
	s := testkit.StartPostgres(t)
	if got := query(t, s.URL("postgres"), "SELECT '[' || current_setting('listen_addresses') || ']'"); got != "[]" {
		t.Errorf("listens on %s", got)
	}
}

func TestPostgresServer_TCP_keeps_its_port(t *testing.T) {
	t.Parallel()
	s := testkit.StartPostgres(t, testservers.TCP())
	addr := s.Addr()
	for range 2 {
		if got := query(t, "postgres://heyq@"+addr+"/postgres?sslmode=disable", "SELECT 1::text"); got != "1" {
			t.Errorf("over %s: %q", addr, got)
		}
		if got := query(t, s.URL("postgres"), "SELECT 1::text"); got != "1" {
			t.Errorf("over the socket: %q", got)
		}
		s.Kill()
		restart(t, s)
	}
	if s.Addr() != addr {
		t.Errorf("moved from %s to %s", addr, s.Addr())
	}
}

func TestStart_reports_the_servers_own_words(t *testing.T) {
	t.Parallel()
	_, err := testservers.StartRedis(t.Context(), t.TempDir(), testservers.With("maxmemory", "plenty"))
	if err == nil || !strings.Contains(err.Error(), "plenty") {
		t.Errorf("redis: got %v, want the log's complaint", err)
	}
	_, err = testservers.StartPostgres(t.Context(), "", testservers.With("shared_buffers", "plenty"))
	if err == nil || !strings.Contains(err.Error(), "plenty") {
		t.Errorf("postgres: got %v, want the log's complaint", err)
	}
}

func restart(t *testing.T, s interface{ Start(context.Context) error }) {
	t.Helper()
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func redisClient(t *testing.T, s *testservers.RedisServer) *redis.Client {
	t.Helper()
	opts, err := redis.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(opts)
	t.Cleanup(func() { c.Close() })
	return c
}

func set(t *testing.T, s *testservers.RedisServer) {
	t.Helper()
	if err := redisClient(t, s).Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
}

func keys(t *testing.T, s *testservers.RedisServer) int64 {
	t.Helper()
	n, err := redisClient(t, s).DBSize(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// query runs the statements and returns what the last one says.
func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	results, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return string(results[len(results)-1].Rows[0][0])
}
