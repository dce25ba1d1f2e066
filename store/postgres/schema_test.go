package postgres_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"heyq/internal/testkit"
)

var update = flag.Bool("update", false, "write testdata/schema.sql anew")

// TestSchema_real keeps a picture of the whole schema for readers, whatever the
// number of migrations that led to it.
func TestSchema_real(t *testing.T) {
	t.Parallel()
	conn := connect(t, testkit.PostgresFrom(t, migrated))
	rows, err := conn.Query(t.Context(), `
		SELECT c.relname, ARRAY(
		       SELECT format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod))
		              || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
		              || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
		         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
		       ARRAY(
		       SELECT format('CONSTRAINT %s %s', n.conname, pg_get_constraintdef(n.oid))
		         FROM pg_constraint n WHERE n.conrelid = c.oid ORDER BY n.conname),
		       coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), ARRAY(
		       SELECT pg_get_indexdef(i.indexrelid)
		         FROM pg_index i
		        WHERE i.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = i.indexrelid AND n.conrelid = c.oid)
		        ORDER BY 1)
		       || ARRAY(
		       SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY 1)
		  FROM pg_class c
		 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'goose_db_version'
		 ORDER BY c.relname`)
	if err != nil {
		t.Fatal(err)
	}
	type table struct {
		Name                 string
		Columns, Constraints []string
		Options              string
		Indexes              []string // and triggers
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, table := range tables {
		lines := strings.Join(append(table.Columns, table.Constraints...), ",\n    ")
		fmt.Fprintf(&got, "CREATE TABLE %s (\n    %s\n)%s;\n", table.Name, lines, table.Options)
		for _, index := range table.Indexes {
			fmt.Fprintf(&got, "%s;\n", index)
		}
		got.WriteString("\n")
	}
	const golden = "testdata/schema.sql"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the schema is not the one in %s; if it is meant to change, run the test with -update (-want +got):\n%s", golden, diff)
	}
}
