// Package sqlite keeps heyq's store in one SQLite file: the default that needs
// no server.
//
// The statements are those of store/sql, and so are the methods that consist of
// them. One process has the file to itself (a lock beside it sees to that), one
// connection writes, and a transaction takes its time from the store's clock,
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
	"sync"
	"time"

	"github.com/gofrs/flock"
	sqlite3 "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"heyq/internal/fault"
	"heyq/store"
	statements "heyq/store/sql"
)

// Store is a store.Store in an SQLite file.
type Store struct {
	*statements.Protocol

	writer   *sql.DB  // one connection
	prepared sync.Map // what it has prepared: the *sql.Stmt of a text
	reader   *sql.DB
	lock     *flock.Flock
	timing   store.Timing
	clock    func() time.Time

	observe statements.Observer // nil: nothing is measured
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

// WithObserver has the observer told of each operation that is asked of the file.
func WithObserver(o statements.Observer) Option { return func(s *Store) { s.observe = o } }

// AsFound has Open change nothing: the schema may be older than this heyq's, and
// what was under way stays so. It is for a look at the file, and no work on it.
func AsFound() Option { return func(s *Store) { s.asFound = true } }

// ErrHeld is in the chain of Open's error if another process has the file.
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
	s.Protocol = statements.New(database{s}, s.timing, s.observe)
	if err := s.acquire(path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	if s.writer, err = sql.Open("sqlite", dataSource(path, "_txlock=immediate")); err != nil {
		return nil, explain(err, "open the database")
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = sql.Open("sqlite", dataSource(path, "_pragma=query_only(1)")); err != nil {
		return nil, explain(err, "open the database")
	}
	s.reader.SetMaxOpenConns(readers)
	if s.asFound {
		return s, nil
	}
	if _, err := s.Migrate(ctx); err != nil {
		return nil, err
	}
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
// lapsed: if one row kills the only process each time, nothing else would
// count that.
func (s *Store) Recover(ctx context.Context) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		now := s.clock()
		if err := s.setBack(ctx, tx, now); err != nil {
			return err
		}
		return run(ctx, tx, now, statements.Recovery())
	})
	return explain(err, "recover open videos")
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

// explain wraps err with what was being done, and calls it unavailable if
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
