package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// shop is a database in which an application has been at work before heyq: with tables
// of the same names, with goose, and with a default search_path of its own.
func shop(t *testing.T) string {
	t.Helper()
	url := testkit.Postgres(t)
	_, err := connect(t, url).Exec(t.Context(), `
		CREATE TABLE public.videos (id integer PRIMARY KEY);
		INSERT INTO public.videos VALUES (1), (2);
		CREATE TABLE public.goose_db_version (id serial PRIMARY KEY, version_id bigint, is_applied boolean, tstamp timestamp);
		INSERT INTO public.goose_db_version (version_id, is_applied) SELECT n, true FROM generate_series(0, 999) AS n;
		CREATE TABLE public.heyq_migrations (reason text);
		DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public', current_database()); END $$`)
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// README's own use: one database for an application and heyq, and one transaction.
func TestSchema_beside_an_application_real(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{postgres.DefaultSchema, "Büro 7"} {
		url, ctx := shop(t), t.Context()
		s := open(t, url, postgres.WithSchema(schema))
		if _, err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.CheckSchema(ctx); err != nil {
			t.Fatal(err)
		}
		if drift, err := s.Drift(ctx); err != nil || len(drift) != 0 {
			t.Errorf("%s: drift %v, %v", schema, drift, err)
		}
		conn := connect(t, url)
		tx, err := conn.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		v := newVideo()
		if _, err := tx.Exec(ctx, `SET LOCAL search_path = public, pg_catalog; CREATE TEMPORARY TABLE videos (note text)`); err != nil {
			t.Fatal(err)
		}
		inTx := postgres.InTx(tx, postgres.WithSchema(schema))
		if _, err := inTx.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{v}}); err != nil {
			t.Fatal(err)
		}
		if _, err := inTx.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{v}}); err == nil {
			t.Error("one id was created twice")
		}
		var path string
		var theirs int
		if err := tx.QueryRow(ctx, `SELECT current_setting('search_path'), (SELECT count(*) FROM public.videos)`).Scan(&path, &theirs); err != nil {
			t.Fatal(err)
		}
		if path != "public, pg_catalog" || theirs != 2 {
			t.Errorf("%s: the caller's search_path is %q after a call, and it has %d videos", schema, path, theirs)
		}
		if err := tx.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(ctx, `SHOW search_path`).Scan(&path); err != nil || path != "public" {
			t.Errorf("%s: after the commit it is %q, %v", schema, path, err)
		}
		if claims, err := s.Admit(ctx, 1); err != nil || len(claims) != 1 || claims[0].Video != v.ID {
			t.Errorf("%s: admitted %v, %v", schema, claims, err)
		}
	}
}

// Two heyq in one database, each in its schema, do not share admission's lock.
func TestSchema_two_in_one_database_real(t *testing.T) {
	t.Parallel()
	url, ctx := testkit.Postgres(t), t.Context()
	a, b := open(t, url, postgres.WithSchema("a")), open(t, url, postgres.WithSchema("b"))
	for _, s := range []*postgres.Store{a, b} {
		if _, err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := connect(t, url).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.InTx(tx, postgres.WithSchema("a")).PauseAdmission(ctx, "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}}); err != nil {
		t.Fatal(err)
	}
	if claims, err := b.Admit(ctx, 1); err != nil || len(claims) != 1 {
		t.Errorf("while the other's admission is locked: %v, %v", claims, err)
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
}

// A database whose tables were changed by hand is told with words.
func TestDrift_real(t *testing.T) {
	t.Parallel()
	url, ctx := postgrestest.URL(t), t.Context()
	s, conn := open(t, url), connect(t, url)
	if _, err := conn.Exec(ctx, `CREATE INDEX by_title ON videos (title); CREATE TABLE heyq.notes ()`); err != nil {
		t.Fatal(err)
	}
	if err := s.CheckSchema(ctx); err != nil {
		t.Errorf("with an index more: %v", err)
	}
	if _, err := conn.Exec(ctx, `
		ALTER TABLE videos DROP CONSTRAINT videos_run_was_claimed;
		DROP INDEX videos_waiting;
		DROP TRIGGER videos_ended ON videos;
		ALTER TABLE alerts ALTER summary DROP NOT NULL`); err != nil {
		t.Fatal(err)
	}
	drift, err := s.Drift(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []store.Drift{
		{What: "constraint videos.videos_run_was_claimed", Missing: true},
		{What: "index videos.videos_waiting", Missing: true},
		{What: "trigger videos.videos_ended", Missing: true},
		{What: "column alerts.summary text NOT NULL", Missing: true},
		{What: "column alerts.summary text"},
		{What: "index videos.by_title"},
	} {
		if !slices.Contains(drift, want) {
			t.Errorf("%+v is not told", want)
		}
	}
	if len(drift) != 6 {
		t.Errorf("drift %+v, want 6", drift)
	}
	err = s.CheckSchema(ctx)
	if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "trigger videos.videos_ended") {
		t.Errorf("the start is not refused with words: %v", err)
	}
}

// The tables of a heyq that kept them in public are not forgotten by beginning anew.
func TestMigrate_former_tables_real(t *testing.T) {
	t.Parallel()
	url := testkit.Postgres(t)
	if _, err := connect(t, url).Exec(t.Context(), `CREATE TABLE public.videos (heygen_id text, lease_until timestamptz, claim bigint)`); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, url).Migrate(t.Context()); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("it began anew: %v", err)
	}
}

// A migration that cannot have a table says who holds it, instead of hanging with
// all other statements behind it.
func TestMigrate_locked_table_real(t *testing.T) {
	t.Parallel()
	url, ctx := postgrestest.URL(t), t.Context()
	s, conn := open(t, url), connect(t, url+"&application_name=report")
	// Whatever the newest migration changes: each reads this first.
	if _, err := conn.Exec(ctx, `BEGIN; LOCK TABLE heyq_migrations`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(ctx); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), `application "report"`) {
		t.Errorf("migrating beside an open transaction: %v, want that it is named", err)
	}
	if _, err := conn.Exec(ctx, `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(ctx); err != nil {
		t.Errorf("after it ended: %v", err)
	}
}
