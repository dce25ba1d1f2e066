// Package postgres keeps heyq's store in PostgreSQL.
//
// The statements are those of store/sql, and so are the methods that consist of
// them. All times come from now(). Lists of rows travel as one parameter, so that a
// batch costs one round trip and one commit whatever its length. What is here is the
// way to a server: connections and what they set, retries, patience with one that is
// slow, the schema, the scheduler's lock.
//
// This is the only package of heyq that knows pgx.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/store/sql"
)

// Store is a store.Store in PostgreSQL 15 or later.
type Store struct {
	*sql.Protocol

	tx     pgx.Tx        // a caller's transaction; nil if there is a pool
	pool   *pgxpool.Pool // nil inside a caller's transaction
	pulse  *pulse
	schema string // of heyq's own tables
	timing store.Timing

	observe sql.Observer // nil: nothing is measured
}

var _ store.Store = (*Store)(nil)

// querier is what a pool and a transaction have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Option changes how a store is opened.
type Option func(*Store, *pgxpool.Config)

// WithTiming sets the protocol's durations; store.DefaultTiming without it.
// All processes on one database must agree on them.
func WithTiming(t store.Timing) Option {
	return func(s *Store, _ *pgxpool.Config) { s.timing = t }
}

// WithConnections bounds the pool; without it pgx's default holds, or the
// URL's pool_max_conns.
func WithConnections(n int) Option {
	return func(_ *Store, c *pgxpool.Config) { c.MaxConns = int32(n) }
}

// WithObserver has the observer told of each operation that is asked of the database.
func WithObserver(o sql.Observer) Option {
	return func(s *Store, _ *pgxpool.Config) { s.observe = o }
}

// DefaultSchema is where heyq keeps its tables.
const DefaultSchema = "heyq"

// WithSchema has heyq keep its tables in another schema than DefaultSchema.
func WithSchema(name string) Option {
	return func(s *Store, _ *pgxpool.Config) { s.schema = name }
}

// Open connects to the database that url names. It changes no schema: see
// Migrate and CheckSchema.
func Open(ctx context.Context, url string, options ...Option) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The cause holds the URL, and so perhaps a password.
		return nil, fault.New(fault.Invalid, "the database URL cannot be read").
			WithHint("give DATABASE_URL as postgres://user:password@host:5432/name")
	}
	s := &Store{timing: store.DefaultTiming, schema: DefaultSchema}
	for _, option := range options {
		option(s, config)
	}
	s.Protocol = sql.New(database{s}, s.timing, s.observe)
	config.AfterConnect = s.tune
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "heyq"
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	s.pulse = newPulse(config.ConnConfig)
	if err := refusePooler(ctx, config.ConnConfig); err != nil {
		return nil, err
	}
	s.pool, err = pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, explain(err, "open the database")
	}
	if err := s.Ping(ctx); err != nil {
		s.pool.Close()
		return nil, err
	}
	return s, nil
}

// InTx returns a store whose writes belong to the caller's transaction: a
// video that is created with it exists when the transaction commits. Nothing
// is enqueued inside the transaction; its commit tells the dispatchers (NOTIFY, so it
// cannot be prepared for a commit in two phases), and they find the row if they did not
// hear it. Only Requests are meant to be used so. Of the options WithTiming and
// WithSchema have an effect. The caller's search_path is the same after each call as
// before it.
func InTx(tx pgx.Tx, options ...Option) store.Store {
	s := &Store{tx: tx, timing: store.DefaultTiming, schema: DefaultSchema}
	for _, option := range options {
		option(s, &pgxpool.Config{ConnConfig: &pgx.ConnConfig{}})
	}
	s.Protocol = sql.New(database{s}, s.timing, s.observe)
	return s
}

// Close gives all connections back.
func (s *Store) Close() error {
	if s.pool != nil {
		s.pool.Close()
	}
	return nil
}

// inTx runs fn in a transaction of its own; or in a savepoint if the store is
// itself within one, whose commit then tells those who listen.
func (s *Store) inTx(ctx context.Context, fn func(context.Context, pgx.Tx) error) error {
	return s.do(ctx, func(ctx context.Context, db querier) error {
		return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
			if err := fn(ctx, tx); err != nil || s.pool != nil {
				return err
			}
			_, err := tx.Exec(ctx, tell, s.schema)
			return err
		})
	})
}

// collect runs a query that returns rows and may be repeated as a whole.
func collect[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	var list []T
	err := s.do(ctx, func(ctx context.Context, db querier) error {
		rows, err := db.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scan)
		return err
	})
	return list, err
}

// exec runs a statement that returns no rows and may be repeated as a whole.
func (s *Store) exec(ctx context.Context, sql string, args ...any) error {
	return s.do(ctx, func(ctx context.Context, db querier) error {
		_, err := db.Exec(ctx, sql, args...)
		return err
	})
}

// do runs fn on one connection, and repeats it if a deadlock or a serialization failure
// rolled it back: two batches that lock the same rows in another order are no mistake of
// the caller's. Inside a caller's transaction it repeats nothing, since that transaction
// is rolled back as well.
func (s *Store) do(ctx context.Context, fn func(context.Context, querier) error) error {
	if s.pool == nil {
		return s.within(ctx, fn)
	}
	const most = 5
	for attempt := 1; ; attempt++ {
		err := s.patiently(ctx, fn)
		if attempt == most || !rolledBack(err) || ctx.Err() != nil {
			return err
		}
	}
}

// within runs fn in a caller's transaction, with our schema in the place of the
// caller's search_path: the names in our statements must not lead to tables of theirs.
// If fn has failed for good the rollback restores it as well.
func (s *Store) within(ctx context.Context, fn func(context.Context, querier) error) error {
	var theirs string
	if err := s.tx.QueryRow(ctx, `SELECT current_setting('search_path')`).Scan(&theirs); err != nil {
		return err
	}
	const set = `SELECT set_config('search_path', $1, true)`
	if _, err := s.tx.Exec(ctx, set, s.searchPath()); err != nil {
		return err
	}
	err := fn(ctx, s.tx)
	if _, failed := s.tx.Exec(ctx, set, theirs); err == nil {
		err = failed
	}
	return err
}

func rolledBack(err error) bool {
	state, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (state.Code == "40P01" || state.Code == "40001")
}

// explain wraps err with what was being done, and calls it unavailable if
// the database was away rather than the statement wrong.
func explain(err error, doing string) error {
	if err == nil {
		return nil
	}
	if locked(err) {
		return fault.Wrap(errors.Join(store.ErrLocked, err), fault.Unavailable, "another transaction holds what this needs (%s)", doing).
			WithHint("nothing is lost; try again in a moment, and see that no transaction on the database stays open")
	}
	if away(err) {
		return fault.Wrap(err, fault.Unavailable, "the database did not answer (%s)", doing).
			WithHint("nothing is lost; try again in a moment")
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// locked recognises a lock that did not become free within lock_timeout.
func locked(err error) bool {
	state, ok := errors.AsType[*pgconn.PgError](err)
	return ok && state.Code == "55P03"
}

// away recognises a database that cannot be reached, is starting or stopping,
// is out of room or read-only, did not answer in time, is so busy that it rolled
// back each try, or ended a transaction that stood still for too long (25P03). A
// caller that gave up says nothing about the database.
func away(err error) bool {
	if errors.Is(err, errSilent) {
		return true
	}
	if errors.Is(err, context.Canceled) {
		return false
	}
	if state, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch state.Code[:2] {
		case "08", "40", "53", "57", "58":
			return true
		}
		return state.Code == "25006" || state.Code == "25P03"
	}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	return connecting || network || pgconn.Timeout(err) || pgconn.SafeToRetry(err) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}

// Now returns the database's time.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	list, err := collect(ctx, s, pgx.RowTo[time.Time], `SELECT clock_timestamp()`)
	if err != nil {
		return time.Time{}, explain(err, "read the time")
	}
	return list[0], nil
}
