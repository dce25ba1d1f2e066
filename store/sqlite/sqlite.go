// Package sqlite keeps heyq's store in one SQLite file: the default that needs
// no server.
//
// It mirrors store/postgres file by file and rule by rule. What differs: one
// process has the file to itself (a lock beside it sees to that), one
// connection writes, and a statement takes its time from the store's clock,
// once. Every write is one immediate transaction that is on the disk when it
// returns; callers that share a batch share it.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	sqlite3 "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"heyq/internal/fault"
	"heyq/store"
)

// Store is a store.Store in an SQLite file.
type Store struct {
	writer *sql.DB // one connection
	reader *sql.DB
	lock   *flock.Flock
	timing store.Timing
	clock  func() time.Time

	watch   *watch // nil: nobody is told
	asFound bool
}

var (
	_ store.Store  = (*Store)(nil)
	_ store.Schema = (*Store)(nil)
)

// Option changes how a store is opened.
type Option func(*Store)

// WithTiming sets the protocol's durations; store.DefaultTiming without it.
func WithTiming(t store.Timing) Option { return func(s *Store) { s.timing = t } }

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.clock = now } }

// AsFound has Open change nothing: the schema may be older than this heyq's, and
// what was under way stays so. It is for a look at the file, and no work on it.
func AsFound() Option { return func(s *Store) { s.asFound = true } }

// ErrHeld is in the chain of Open's error where another process has the file.
var ErrHeld = errors.New("the database is held by another process")

// readers is how many reads may go on beside the one writer.
const readers = 4

// Open opens the file at path, or makes it, brings its schema up to date, and
// makes everything due that was under way when the last process ended. The
// folder must exist. A fault.Unavailable: another process has it open.
func Open(ctx context.Context, path string, options ...Option) (_ *Store, err error) {
	s := &Store{timing: store.DefaultTiming, clock: time.Now}
	for _, option := range options {
		option(s)
	}
	if err := s.acquire(path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	if s.writer, err = s.openDB(dataSource(path, "_txlock=immediate")); err != nil {
		return nil, explain(err, "open the database")
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = s.openDB(dataSource(path, "_pragma=query_only(1)")); err != nil {
		return nil, explain(err, "open the database")
	}
	s.reader.SetMaxOpenConns(readers)
	if s.asFound {
		return s, nil
	}
	if _, err := s.Migrate(ctx); err != nil {
		return nil, err
	}
	s.watch.begin()
	return s, s.Recover(ctx)
}

// acquire takes the lock on the file for this process. The lock ends with the
// process, however it ends.
func (s *Store) acquire(path string) error {
	s.lock = flock.New(path+".lock", flock.SetPermissions(private))
	got, err := s.lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock the database: %w", err)
	}
	if !got {
		return fault.Wrap(ErrHeld, fault.Unavailable, "another heyq runs on %s", filepath.Dir(path)).
			WithHint("stop it, or choose another folder with --dir; several processes need Postgres and Redis")
	}
	if s.asFound {
		return nil
	}
	// SQLite would make it as the umask lets it; its log takes after it.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, private)
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	return file.Close()
}

// private is the mode of the files: there are secrets in them.
const private = 0o600

func dataSource(path, extra string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + extra +
		"&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)"
}

// Recover follows a start, and Open calls it: this process is alone, so whatever
// was dispatched or running is not any more. A lease that is still set has
// lapsed: where one row kills the only process each time, nothing else would
// count that.
func (s *Store) Recover(ctx context.Context) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := s.setBack(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE videos
			   SET run = claim + 1, claim = claim + 1, due_at = :now,
			       lapses = lapses + (lease_until IS NOT NULL), lease_until = NULL
			 WHERE due_at IS NOT NULL AND (claim > run OR lease_until IS NOT NULL)
			   AND `+open, s.now())
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, `UPDATE video_analytics SET due_at = :now WHERE due_at > :now`, s.now()); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE notifications SET due_at = :now WHERE due_at > :now AND claim > run`, s.now())
		return err
	})
	return explain(err, "recover open videos")
}

// Ping reports whether the file can be read.
func (s *Store) Ping(ctx context.Context) error {
	return explain(s.reader.PingContext(ctx), "reach the database")
}

// Close gives the file back.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// now is the one time of a statement.
func (s *Store) now() sql.NamedArg { return sql.Named("now", micros(s.clock())) }

// write runs fn in a transaction of its own.
func (s *Store) write(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, rollback(tx))
	}
	return tx.Commit()
}

func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// exec runs one statement in a transaction of its own and counts its rows. Its
// :now is taken once the writer is ours: waiting for it must not make it old.
func (s *Store) exec(ctx context.Context, statement string, args ...any) (int, error) {
	var n int64
	err := s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, statement, append(args, s.now())...)
		if err == nil {
			n, err = result.RowsAffected()
		}
		return err
	})
	return int(n), err
}

// change is exec for a statement that returns rows.
func change[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), statement string, args ...any) (list []T, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		list, err = collect(ctx, tx, scan, statement, append(args, s.now())...)
		return err
	})
	return list, err
}

// querier is what a database and a transaction have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// scanner is a row.
type scanner interface{ Scan(dest ...any) error }

func collect[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, rows.Err()
}

// explain wraps err with what was being done, and calls it unavailable where
// the file was away rather than the statement wrong.
func explain(err error, doing string) error {
	if err == nil {
		return nil
	}
	if away(err) {
		return fault.Wrap(err, fault.Unavailable, "the database did not answer (%s)", doing).
			WithHint("nothing is lost; check the disk and try again in a moment")
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// away recognises a file that cannot be read or written, and a caller that did
// not wait for the writer any longer.
func away(err error) bool {
	if e, ok := errors.AsType[*sqlite3.Error](err); ok {
		switch e.Code() & 0xff { // an extended code tells no more here
		case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN:
			return true
		}
	}
	return errors.Is(err, context.DeadlineExceeded)
}

func micros(t time.Time) int64 { return t.UnixMicro() }

// interval gives a duration to SQL, in the unit of its times.
func interval(name string, d time.Duration) sql.NamedArg {
	return sql.Named(name, d.Microseconds())
}
