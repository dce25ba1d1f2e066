package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"heyq/store/sqlite"
	"heyq/store/sqlite/sqlitetest"
	"heyq/store/storetest"
)

// clock is the time, and what has passed on top of it.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.passed.Load())) }
func (c *clock) advance(d time.Duration) { c.passed.Add(int64(d)) }

func open(t testing.TB, path string, options ...sqlite.Option) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestStore runs the suite in as many files as tests run at once, and empties
// each after a test: to open one is slow under the race detector. It is observed,
// as heyq does it: what then stands before the database must change nothing. Other
// packages' tests use the store as it is without.
func TestStore(t *testing.T) {
	observed := sqlite.WithObserver(func(string, error, time.Duration) {})
	free := make(chan *database, runtime.GOMAXPROCS(0))
	for range cap(free) {
		free <- newDatabase(t, observed)
	}
	storetest.Run(t, func(t testing.TB) storetest.Harness {
		db := <-free
		t.Cleanup(func() {
			db.empty(t)
			free <- db
		})
		return storetest.Harness{Store: db.store, Advance: db.clock.advance}
	})
}

type database struct {
	clock clock
	store *sqlite.Store
	file  *sql.DB // beside the store, which no process uses then
}

func newDatabase(t *testing.T, options ...sqlite.Option) *database {
	path := filepath.Join(sqlitetest.Folder(t), "heyq.db")
	db := &database{}
	db.store = open(t, path, append(options, sqlite.WithClock(db.clock.now))...)
	file, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	db.file = file
	return db
}

func (db *database) empty(t testing.TB) {
	t.Helper()
	_, err := db.file.Exec(`BEGIN;
		DELETE FROM heygen_endpoints; DELETE FROM notifications; DELETE FROM video_analytics; DELETE FROM shares; DELETE FROM notify_secrets; DELETE FROM api_keys; DELETE FROM links; DELETE FROM passwords; DELETE FROM users; DELETE FROM videos; DELETE FROM idempotency_keys;
		DELETE FROM scheduled_runs; DELETE FROM daily_totals; DELETE FROM job_actions; DELETE FROM titles; DELETE FROM turns; DELETE FROM turns_taken; DELETE FROM limits; DELETE FROM tasks; DELETE FROM alerts;
		UPDATE watch SET round = 0, lease_until = NULL, memory = '{}';
		UPDATE admission SET state = 'open', reason = '', until = NULL, streak = '{}', closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0;
		DELETE FROM meta WHERE key IN ('heygen_account', 'generation', 'home', 'set_back'); UPDATE meta SET value = '' WHERE key = 'redis_epoch';
		COMMIT`)
	if err != nil {
		t.Fatal(err)
	}
	db.clock.passed.Store(0)
}
