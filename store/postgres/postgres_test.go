package postgres_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/internal/testkit"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
	"heyq/store/storetest"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func open(t testing.TB, url string, options ...postgres.Option) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, options...)
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

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// TestStore_real runs the suite in as many databases as tests run at once, and
// empties each after a test: hundreds of databases take a minute to copy.
func TestStore_real(t *testing.T) {
	free := make(chan *database, runtime.GOMAXPROCS(0))
	for range cap(free) {
		url := postgrestest.URL(t)
		free <- &database{conn: connect(t, url), store: open(t, url)}
	}
	storetest.Run(t, func(t testing.TB) storetest.Harness {
		db := <-free
		t.Cleanup(func() {
			db.exec(t, `DELETE FROM videos; DELETE FROM shares; DELETE FROM notify_secrets; DELETE FROM api_keys; DELETE FROM links; DELETE FROM passwords; DELETE FROM users; DELETE FROM idempotency_keys; DELETE FROM scheduled_runs; DELETE FROM daily_totals; DELETE FROM heygen_endpoints; DELETE FROM job_actions; DELETE FROM titles; DELETE FROM turns; DELETE FROM turns_taken; DELETE FROM limits; DELETE FROM tasks; DELETE FROM alerts;
				UPDATE watch SET round = 0, lease_until = NULL, memory = '{}';
				UPDATE admission SET state = 'open', reason = '', until = NULL, streak = '{}', closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0;
				DELETE FROM meta WHERE key IN ('heygen_account', 'generation', 'home', 'set_back'); UPDATE meta SET value = '' WHERE key = 'redis_epoch'`)
			free <- db
		})
		return storetest.Harness{Store: db.store, Advance: func(d time.Duration) { db.advance(t, d) }}
	})
}

type database struct {
	conn  *pgx.Conn
	store *postgres.Store
}

// exec runs after a test too, when its context has ended.
func (db *database) exec(t testing.TB, sql string) {
	t.Helper()
	if _, err := db.conn.Exec(context.WithoutCancel(t.Context()), sql); err != nil {
		t.Fatal(err)
	}
}

// advance makes time pass by moving every time in the database into the past:
// all of the store's times come from now(), and that cannot be moved. The times
// of a timeline move with the others, and what is generated from them follows.
func (db *database) advance(t testing.TB, d time.Duration) {
	t.Helper()
	rows, err := db.conn.Query(t.Context(), `
		SELECT format('UPDATE %I SET %s', table_name,
		              string_agg(format('%1$I = %1$I - %2$s * interval ''1 us''', column_name, $1::bigint), ', '))
		  FROM information_schema.columns
		 WHERE table_schema = 'heyq' AND data_type = 'timestamp with time zone' AND is_generated = 'NEVER'
		 GROUP BY table_name`, d.Microseconds())
	if err != nil {
		t.Fatal(err)
	}
	updates, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, update := range updates {
		db.exec(t, update)
	}
	db.exec(t, fmt.Sprintf(`
		UPDATE videos SET timeline = (
		       SELECT jsonb_agg(jsonb_set(e, '{at}', to_jsonb((e ->> 'at')::timestamptz - %d * interval '1 us')) ORDER BY n)
		         FROM jsonb_array_elements(timeline) WITH ORDINALITY AS list (e, n))`, d.Microseconds()))
}
