package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	sqlite3 "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"heyq/internal/statement"
)

// Observer is told of each operation on the file when it has ended: of a
// statement under a name such as UPDATE videos, and of a transaction's BEGIN and
// COMMIT. err is why it failed; a constraint that was kept is an answer and no
// failure. Of what its caller gave up nobody is told.
type Observer func(ctx context.Context, name string, err error, took time.Duration)

// WithObserver has every operation observed. Without it nothing is measured.
func WithObserver(o Observer) Option { return func(s *Store) { s.observe = o } }

// openDB opens the database with what observes it between database/sql and the
// driver, if anything does.
func (s *Store) openDB(source string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", source)
	if err != nil || s.observe == nil {
		return db, err
	}
	observed := sql.OpenDB(&connector{source: source, driver: db.Driver(), watch: &watch{observe: s.observe}})
	return observed, db.Close() // it has opened nothing yet
}

// watch measures operations.
type watch struct {
	observe Observer
	names   statement.Names
}

// end tells the observer of an operation that was begun at start.
func (w *watch) end(ctx context.Context, name string, start time.Time, err error) {
	switch {
	case errors.Is(err, driver.ErrSkip) || errors.Is(err, context.Canceled):
		return // was not done at all, or was given up
	case answered(err):
		err = nil
	}
	w.observe(ctx, name, err, time.Since(start))
}

// answered is true for an error that is SQLite's answer.
func answered(err error) bool {
	e, ok := errors.AsType[*sqlite3.Error](err)
	return ok && e.Code()&0xff == lib.SQLITE_CONSTRAINT
}

// The types below stand before those of the driver and measure what passes.

type connector struct {
	source string
	driver driver.Driver
	watch  *watch
}

func (c *connector) Driver() driver.Driver { return c.driver }

func (c *connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := c.driver.Open(c.source)
	if err != nil {
		return nil, err
	}
	full, ok := opened.(driverConn)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver lacks what it used to have"), opened.Close())
	}
	return &conn{full, c.watch}, nil
}

// driverConn is what the driver's connections can do.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type conn struct {
	driverConn
	watch *watch
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	start := time.Now()
	result, err := c.driverConn.ExecContext(ctx, query, args)
	c.watch.end(ctx, c.watch.names.Of(query), start, err)
	return result, err
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	start := time.Now()
	found, err := c.driverConn.QueryContext(ctx, query, args)
	return c.watch.rows(ctx, query, start, found, err)
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	start := time.Now()
	begun, err := c.driverConn.BeginTx(ctx, o)
	c.watch.end(ctx, "BEGIN", start, err)
	if err != nil {
		return nil, err
	}
	return &tx{begun, ctx, c.watch}, nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	prepared, err := c.driverConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	full, ok := prepared.(driverStmt)
	if !ok {
		return prepared, nil
	}
	return &stmt{full, query, c.watch}, nil
}

type tx struct {
	driver.Tx
	ctx   context.Context // of its begin
	watch *watch
}

// Commit implements driver.Tx. Here a write waits for the disk.
func (t *tx) Commit() error {
	start := time.Now()
	err := t.Tx.Commit()
	t.watch.end(t.ctx, "COMMIT", start, err)
	return err
}

// driverStmt is what the driver's prepared statements can do.
type driverStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type stmt struct {
	driverStmt
	query string
	watch *watch
}

// ExecContext implements driver.StmtExecContext.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	start := time.Now()
	result, err := s.driverStmt.ExecContext(ctx, args)
	s.watch.end(ctx, s.watch.names.Of(s.query), start, err)
	return result, err
}

// QueryContext implements driver.StmtQueryContext.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	start := time.Now()
	found, err := s.driverStmt.QueryContext(ctx, args)
	return s.watch.rows(ctx, s.query, start, found, err)
}

// rows measures until the rows are closed: SQLite finds each when it is asked
// for.
func (w *watch) rows(ctx context.Context, query string, start time.Time, found driver.Rows, err error) (driver.Rows, error) {
	name := w.names.Of(query)
	if err != nil {
		w.end(ctx, name, start, err)
		return nil, err
	}
	return &rows{Rows: found, closed: func(err error) { w.end(ctx, name, start, err) }}, nil
}

type rows struct {
	driver.Rows
	err    error // of the last Next
	closed func(error)
}

// Next implements driver.Rows.
func (r *rows) Next(to []driver.Value) error {
	err := r.Rows.Next(to)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return err
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	err := r.Rows.Close()
	if r.err == nil {
		r.err = err
	}
	r.closed(r.err)
	return err
}
