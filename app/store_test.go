package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"heyq/config"
	"heyq/store"
	"heyq/store/postgres"
)

// A service that creates videos from Go opens the store without heyq's
// configuration, and must apply the same durations.
func TestTiming_has_one_default(t *testing.T) {
	t.Parallel()
	c, _, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(store.DefaultTiming, timing(c.Protocol)); diff != "" {
		t.Errorf("store.DefaultTiming and config differ (-store +config):\n%s", diff)
	}
}

// The pool is as large as is configured, whatever pgx makes of the machine.
func TestOpenPostgres_has_the_connections_that_are_configured(t *testing.T) {
	t.Parallel()
	c, _, err := config.Load([]string{"HEYQ_DATABASE_CONNECTIONS=37", "DATABASE_URL=postgres://ada@127.0.0.1:1/heyq", "HEYGEN_API_KEY=any", "REDIS_URL=redis://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	got := int32(0)
	if db, err := openPostgres(t.Context(), c, func(_ *postgres.Store, pool *pgxpool.Config) { got = pool.MaxConns }); err == nil {
		_ = db.Close()
		t.Error("something answers as Postgres on port 1")
	}
	if got != 37 {
		t.Errorf("the pool has %d connections, want 37", got)
	}
}
