package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"heyq/internal/testkit/golden"
)

// TestSchema keeps a picture of the whole schema for readers, whatever the
// number of migrations that led to it.
func TestSchema(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyq.db")
	open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`
		SELECT sql FROM sqlite_master
		 WHERE sql IS NOT NULL AND name NOT IN ('goose_db_version', 'sqlite_sequence')
		 ORDER BY tbl_name, type DESC, name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got strings.Builder
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			t.Fatal(err)
		}
		got.WriteString(statement + ";\n\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	golden.Want(t, "testdata/schema.sql", got.String())
}
