package statement

import (
	"fmt"
	"testing"
)

func TestNames_of_statements(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"":                       "other",
		"begin":                  "BEGIN",
		"commit":                 "COMMIT",
		"SELECT 1":               "SELECT",
		"\n\tSET a = 1; SET":     "SET",
		"PRAGMA busy_timeout(1)": "PRAGMA",
		"SELECT id FROM videos v WHERE id = ANY ($1)":                 "SELECT videos",
		"SELECT * FROM videos FOR UPDATE SKIP LOCKED":                 "SELECT videos",
		"SELECT * FROM videos FOR NO KEY UPDATE OF videos":            "SELECT videos",
		"SELECT extract(epoch FROM now() - at) FROM schedule":         "SELECT schedule",
		"SELECT count(*) FROM json_each($1)":                          "SELECT",
		"update videos\n\t   set run = claim":                         "UPDATE videos",
		"INSERT INTO videos (id) VALUES ($1)":                         "INSERT videos",
		"INSERT OR IGNORE INTO videos (id) VALUES ($1)":               "INSERT videos",
		"INSERT INTO keys SELECT 1 ON CONFLICT DO UPDATE SET a = 1":   "INSERT keys",
		"DELETE FROM ONLY videos WHERE id = $1":                       "DELETE videos",
		"WITH due AS (SELECT 1 FROM a FOR UPDATE) UPDATE b SET c = d": "UPDATE b",
		"WITH m AS (UPDATE a SET b = c RETURNING d) SELECT * FROM m":  "UPDATE a",
		"-- INSERT INTO nothing\nDELETE FROM \"videos\"":              "DELETE videos",
		"(SELECT 1 FROM a) UNION (SELECT 1 FROM b)":                   "SELECT a",
		"CREATE TABLE a AS SELECT * FROM b":                           "CREATE",
	} {
		var n Names
		for range 2 { // found out, and remembered
			if got := n.Of(sql); got != want {
				t.Errorf("%q is named %q, want %q", sql, got, want)
			}
		}
	}
}

func TestNames_remember_only_so_many(t *testing.T) {
	t.Parallel()
	var n Names
	for i := range 2 * mostKnown {
		if got := n.Of(fmt.Sprintf("SELECT %d FROM videos", i)); got != "SELECT videos" {
			t.Fatalf("got %q", got)
		}
	}
	if known := len(*n.known.Load()); known != mostKnown {
		t.Errorf("%d are remembered, want %d", known, mostKnown)
	}
}

func BenchmarkNames_known(b *testing.B) {
	var n Names
	const sql = `UPDATE videos SET run = claim WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE due_at <= now() FOR UPDATE SKIP LOCKED))`
	b.ReportAllocs()
	for b.Loop() {
		n.Of(sql)
	}
}
