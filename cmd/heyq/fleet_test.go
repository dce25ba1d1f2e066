//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/store/postgres/postgrestest"
	"heyq/store/sqlite/sqlitetest"
)

// fleet is heyq as it runs in production: its roles are processes of their own
// on a real Redis and Postgres. HeyGen is a simulator in this process.
type fleet struct {
	redis     *testkit.RedisServer
	postgres  *testkit.PostgresServer // nil: other tests use it as well
	database  string                  // URL
	simulator *simulator.Simulator
	dir       string
	environ   []string
	orders    int
}

// newFleet starts the servers, and none of the roles. environ is for all roles.
func newFleet(t *testing.T, o simulator.Options, environ ...string) *fleet {
	t.Helper()
	return newFleetOn(t, postgrestest.URL(t), o, environ...)
}

// newFleetAlone does the same with a Postgres of its own, which the test may break.
func newFleetAlone(t *testing.T, o simulator.Options, environ ...string) *fleet {
	t.Helper()
	server := testkit.StartPostgres(t)
	database, err := server.CreateDatabase(t.Context(), "heyq", "")
	if err != nil {
		t.Fatal(err)
	}
	f := newFleetOn(t, database, o, environ...)
	heyq(t, f.environ, "migrate", "up").wantOK(t)
	f.postgres = server
	return f
}

func newFleetOn(t *testing.T, database string, o simulator.Options, environ ...string) *fleet {
	t.Helper()
	f := &fleet{redis: testkit.StartRedis(t), database: database, dir: sqlitetest.Folder(t)}
	var err error
	if f.simulator, err = simulator.New(o); err != nil {
		t.Fatal(err)
	}
	f.environ = append([]string{
		"PATH=" + os.Getenv("PATH"), "HEYQ_LOG_FORMAT=json", "HEYQ_OPERATOR_TOKEN=" + testToken,
		"DATABASE_URL=" + f.database, "REDIS_URL=" + f.redis.URL() + "/0",
		"HEYGEN_API_KEY=key", "HEYGEN_API_URL=" + serveHeyGen(t, f.simulator),
		"HEYQ_MEDIA_URL=file://" + filepath.Join(f.dir, "media"),
		"HEYQ_POLL_INTERVAL=200ms", "HEYQ_ADDR=127.0.0.1:0",
	}, environ...)
	return f
}

// serveHeyGen serves h until the test ends, and cuts off who still waits then.
func serveHeyGen(t *testing.T, h http.Handler) string {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
	})
	return web.URL
}

// start starts a role. What environ says wins over what the fleet says.
func (f *fleet) start(t *testing.T, role string, environ ...string) *child {
	t.Helper()
	dir, err := os.MkdirTemp(f.dir, role)
	if err != nil {
		t.Fatal(err)
	}
	environ = append(append(f.environ[:len(f.environ):len(f.environ)], "HEYQ_DIR="+dir), environ...)
	c := startProcess(t, environ, role)
	c.waitFor(t, "heyq "+role+" is running")
	return c
}

// startAPI starts the API and returns its URL.
func (f *fleet) startAPI(t *testing.T, environ ...string) (*child, string) {
	t.Helper()
	c := f.start(t, "api", environ...)
	return c, c.tells(t, "API ")
}

// order creates n videos through the API, none of which is one of an earlier
// order: a line is imported once.
func (f *fleet) order(t *testing.T, api string, n int) {
	t.Helper()
	f.orders++
	heyq(t, operatorOf(api), "videos", "import", "--yes", writeCSV(t, "title,script,avatar_id,voice_id\n"+
		strings.Repeat(fmt.Sprintf("Order %d,Hello there,avatar_1,voice_1\n", f.orders), n))).wantOK(t)
}

// operatorOf is the environment of a command that talks to an API with testToken.
func operatorOf(api string) []string {
	return []string{"HEYQ_URL=" + api, "HEYQ_OPERATOR_TOKEN=" + testToken}
}

// asOperator sends a request with testToken. The body is JSON; empty: none.
func asOperator(t *testing.T, method, url, body string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", "application/json")
	return http.DefaultClient.Do(r)
}

// sql connects to the fleet's database.
func (f *fleet) sql(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), f.database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// one reads one value.
func one[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) (value T) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// eventually waits until a count has reached n.
func eventually(t *testing.T, conn *pgx.Conn, n int, sql string, args ...any) {
	t.Helper()
	testkit.Eventually(t, func() error {
		if got := one[int](t, conn, sql, args...); got != n {
			return fmt.Errorf("%d, want %d: %s", got, n, sql)
		}
		return nil
	})
}

// wantAllOnce waits until n videos are completed, and fails the test unless
// each was billed once and lost no attempt.
func (f *fleet) wantAllOnce(t *testing.T, conn *pgx.Conn, n int) {
	t.Helper()
	eventually(t, conn, n, `SELECT count(*) FROM videos WHERE state = 'completed'`)
	if accepted := f.simulator.Ledger().Accepted; accepted != n {
		t.Errorf("%d renders were billed for %d videos", accepted, n)
	}
}

// server is one of the servers that a fleet needs.
type server interface {
	PID() int
	Kill()
	Start(ctx context.Context) error
}

// refuse takes a server away so that connections are refused.
func refuse(t *testing.T, s server) (back func()) {
	s.Kill()
	return func() {
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// silence takes a server away so that no connection gets an answer.
func silence(t *testing.T, s server) (back func()) { return testkit.Freeze(t, s.PID()) }
