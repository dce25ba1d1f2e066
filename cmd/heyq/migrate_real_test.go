package main

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"heyq/internal/testkit"
)

// What was changed in the tables by hand is told, and a start on it is refused.
func TestMigrate_drift_real(t *testing.T) {
	t.Parallel()
	url := testkit.Postgres(t)
	environ := []string{"HEYQ_DIR=" + t.TempDir(), "DATABASE_URL=" + url, "REDIS_URL=redis://127.0.0.1:1", "HEYQ_SCHEMA=films"}
	heyq(t, environ, "migrate", "up").wantOK(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), `CREATE INDEX by_title ON films.videos (title)`); err != nil {
		t.Fatal(err)
	}
	heyq(t, environ, "migrate", "status").wantOK(t).want(t, 0, "added by hand: index videos.by_title")
	if _, err := conn.Exec(t.Context(), `ALTER TABLE films.videos DROP COLUMN lapses`); err != nil {
		t.Fatal(err)
	}
	status := heyq(t, environ, "migrate", "status", "--json")
	differences := decode[struct {
		Differences []struct {
			What    string
			Missing bool
		}
	}](t, status)
	if len(differences.Differences) != 2 || !differences.Differences[0].Missing {
		t.Errorf("the differences are %+v", differences)
	}
	if status.code == 0 {
		t.Error("it succeeded on a database that lacks a column")
	}
}
