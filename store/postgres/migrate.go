package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"heyq/internal/fault"
	"heyq/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versionTable keeps which migrations are applied. It is ours: an application in the
// same database may use goose as well.
const versionTable = "heyq_migrations"

// A migration waits a short while for the tables that it changes, since all other
// statements wait behind it. Then it lets them go on, and tries again.
const (
	migrationSession = `SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '3s'`
	migrationTries   = 3
	migrationPause   = 3 * time.Second
)

// Migrate brings the schema up to date and returns what it applied. Any number
// of processes may call it at once: one migrates, the others wait. If another
// transaction holds a table for longer than a quarter of a minute it gives up, and names it.
func (s *Store) Migrate(ctx context.Context) ([]store.Migration, error) {
	provider, done, err := s.migrator()
	if err != nil {
		return nil, err
	}
	defer done()
	if err := s.makeSchema(ctx); err != nil {
		return nil, err
	}
	var applied []store.Migration
	for try := 1; ; try++ {
		results, err := provider.Up(ctx)
		if partial, ok := errors.AsType[*goose.PartialError](err); ok {
			results = partial.Applied
		}
		for _, r := range results {
			applied = append(applied, store.Migration{Name: r.Source.Path, Applied: true})
		}
		switch {
		case err == nil:
			return applied, nil
		case !locked(err):
			return nil, explain(err, "migrate the database")
		case try == migrationTries:
			return nil, fault.Wrap(err, fault.Unavailable, "another transaction holds a table that a migration changes%s", s.holder(ctx)).
				WithHint("what was applied so far stays; let that transaction end, and run `heyq migrate up` again")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(migrationPause):
		}
	}
}

// holder names the oldest transaction that holds one of our tables.
func (s *Store) holder(ctx context.Context) string {
	list, err := collect(ctx, s, pgx.RowTo[string], `
		SELECT format(': process %s of Postgres (application "%s", user %s), for %s s', a.pid, a.application_name, a.usename,
		              extract(epoch FROM now() - a.xact_start)::integer)
		  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_class c ON c.oid = l.relation
		 WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND l.granted AND a.pid <> pg_backend_pid()
		 ORDER BY a.xact_start LIMIT 1`)
	if err != nil || len(list) == 0 {
		return ""
	}
	return list[0]
}

// makeSchema makes the schema if there is none. It refuses to begin anew beside the
// tables of a heyq that kept them in public.
func (s *Store) makeSchema(ctx context.Context) error {
	there, err := s.hasSchema(ctx)
	if err != nil || there {
		return err
	}
	former, err := collect(ctx, s, pgx.RowTo[bool], `
		SELECT count(*) = 3 FROM pg_attribute
		 WHERE attrelid = to_regclass('public.videos') AND attname IN ('heygen_id', 'lease_until', 'claim')`)
	if err != nil {
		return explain(err, "look for tables of heyq")
	}
	if former[0] {
		return fault.New(fault.Conflict, "the schema public holds the tables of an earlier heyq, and %s does not exist", s.schema).
			WithHint("move them with that heyq's `heyq export` and then `heyq import`, or rename its tables if they are not wanted any more")
	}
	err = s.exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+pgx.Identifier{s.schema}.Sanitize())
	if err == nil {
		return nil
	}
	if there, lookErr := s.hasSchema(ctx); lookErr == nil && there {
		return nil // another process was faster
	}
	if state, ok := errors.AsType[*pgconn.PgError](err); ok && state.Code == "42501" {
		return fault.Wrap(err, fault.Unavailable, "the database's user may not make the schema %s", s.schema).
			WithHint("have an administrator run: CREATE SCHEMA %s AUTHORIZATION <that user>; or set HEYQ_SCHEMA to one that it owns", pgx.Identifier{s.schema}.Sanitize())
	}
	return explain(err, "make the schema "+s.schema)
}

func (s *Store) hasSchema(ctx context.Context) (bool, error) {
	there, err := collect(ctx, s, pgx.RowTo[bool], `SELECT to_regnamespace($1) IS NOT NULL`, pgx.Identifier{s.schema}.Sanitize())
	if err != nil {
		return false, explain(err, "look for the schema")
	}
	return there[0], nil
}

// Migrations lists every migration that this binary knows, oldest first.
func (s *Store) Migrations(ctx context.Context) ([]store.Migration, error) {
	provider, done, err := s.migrator()
	if err != nil {
		return nil, err
	}
	defer done()
	there, err := s.hasSchema(ctx)
	if err != nil {
		return nil, err
	}
	var list []store.Migration
	if !there {
		for _, source := range provider.ListSources() {
			list = append(list, store.Migration{Name: path.Base(source.Path)})
		}
		return list, nil
	}
	status, err := provider.Status(ctx)
	if err != nil {
		return nil, explain(err, "read the migrations")
	}
	for _, m := range status {
		list = append(list, store.Migration{Name: m.Source.Path, Applied: m.State == goose.StateApplied, At: m.AppliedAt})
	}
	return list, nil
}

// CheckSchema says whether the schema is the one that this binary needs. One that a
// newer heyq has migrated is not compared: it may lack what only this one needs.
func (s *Store) CheckSchema(ctx context.Context) error {
	provider, done, err := s.migrator()
	if err != nil {
		return err
	}
	defer done()
	there, err := s.hasSchema(ctx)
	if err != nil {
		return err
	}
	pending := !there
	if there {
		if pending, err = provider.HasPending(ctx); err != nil {
			return explain(err, "check the schema")
		}
	}
	if pending {
		return fault.New(fault.Unavailable, "the database schema is older than this heyq").
			WithHint("run `heyq migrate up` first")
	}
	current, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return explain(err, "check the schema")
	}
	if current > newest {
		return nil
	}
	drift, err := s.Drift(ctx)
	if err != nil {
		return err
	}
	var missing []string
	for _, d := range drift {
		if d.Missing {
			missing = append(missing, d.What)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fault.New(fault.Unavailable, "the database schema %s is not what heyq's migrations made: it lacks %s", s.schema, strings.Join(missing, ", ")).
		WithHint("undo what was changed by hand, or restore a backup; `heyq migrate status` lists all differences")
}

func (s *Store) migrator() (*goose.Provider, func(), error) {
	if s.pool == nil {
		return nil, nil, errors.New("migrate: the store belongs to a transaction")
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, fmt.Errorf("read the embedded migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(s.migrationLock()), lock.WithLockTimeout(1, 600)) // ask each second, for ten minutes
	if err != nil {
		return nil, nil, fmt.Errorf("prepare the migration lock: %w", err)
	}
	db := s.migrationDB()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithSessionLocker(locker), goose.WithTableName(versionTable))
	if err != nil {
		_ = db.Close()
		return nil, nil, fmt.Errorf("prepare the migrations: %w", err)
	}
	return provider, func() { _ = db.Close() }, nil
}

// migrationDB opens connections of their own, on which a migration may take its time.
func (s *Store) migrationDB() *sql.DB {
	return stdlib.OpenDB(*s.pool.Config().ConnConfig, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		if err := s.tune(ctx, conn); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, migrationSession)
		return err
	}))
}

// migrationLock is sql.Lock in Go: goose wants the number.
func (s *Store) migrationLock() int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("heyq migrations in " + s.schema))
	return int64(h.Sum64()) //nolint:gosec // any number will do
}
