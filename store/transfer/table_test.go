package transfer_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"heyq/store/postgres/postgrestest"
	"heyq/store/transfer"
)

// left are the columns that are not transferred: running numbers, what there is one
// of, and what only says what Redis or HeyGen was like.
var left = []string{
	"job_actions.id", "admission.id", "admission.streak", "admission.closed_at", "admission.proof", "admission.probe", "admission.probe_at", "admission.probes",
	"titles.place", "titles.heygen_id", "titles.title", "titles.seen_at",
	"watch.id", "watch.round", "watch.lease_until", "watch.memory",
}

// wantColumns fails the test unless each column of a database is archived.
func wantColumns(t *testing.T, found []string) {
	t.Helper()
	var known []string
	for _, table := range transfer.Tables {
		for _, name := range table.Names() {
			known = append(known, table.Name+"."+name)
		}
	}
	known = append(known, left...)
	slices.Sort(known)
	slices.Sort(found)
	if diff := cmp.Diff(known, found); diff != "" {
		t.Errorf("what is transferred (-) is not what the database has (+):\n%s", diff)
	}
}

func TestTables_are_those_of_Postgres_real(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `
		SELECT table_name || '.' || column_name FROM information_schema.columns
		 WHERE table_schema = 'heyq' AND is_generated = 'NEVER' AND table_name <> 'heyq_migrations'`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	wantColumns(t, found)
}

func TestTables_are_those_of_SQLite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyq.db")
	openSQLite(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`
		SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
		 WHERE m.type = 'table' AND c.hidden = 0 AND m.name NOT IN ('goose_db_version', 'sqlite_sequence')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		found = append(found, name)
	}
	wantColumns(t, found)
}

func TestTables_are_sorted_by_what_there_is(t *testing.T) {
	t.Parallel()
	for _, table := range transfer.Tables {
		for _, name := range table.Order {
			if !slices.Contains(table.Names(), name) && !slices.Contains(left, fmt.Sprintf("%s.%s", table.Name, name)) {
				t.Errorf("%s is sorted by %s, which it has not", table.Name, name)
			}
		}
		if transfer.Find(table.Name) != table {
			t.Errorf("%s is not found", table.Name)
		}
	}
}
