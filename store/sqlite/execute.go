package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	sqlite3 "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	statements "heyq/store/sql"
)

// database is the store as its Protocol reaches it.
type database struct{ *Store }

var _ statements.DB = database{}

// Read implements statements.DB.
func (db database) Read(ctx context.Context, steps ...statements.Step) error {
	return run(ctx, db.reader, db.clock(), steps)
}

// Write implements statements.DB.
func (db database) Write(ctx context.Context, steps ...statements.Step) error {
	if err := db.prepare(ctx, steps); err != nil {
		return err
	}
	return db.InTx(ctx, func(ctx context.Context, do statements.Do) error { return do(ctx, steps...) })
}

// InTx implements statements.DB. The transaction's time is taken once the writer is
// ours: waiting for it must not make it old.
func (db database) InTx(ctx context.Context, fn func(context.Context, statements.Do) error) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		now := db.clock()
		q := preparedTx{tx, &db.prepared}
		return fn(ctx, func(ctx context.Context, steps ...statements.Step) error { return run(ctx, q, now, steps) })
	})
}

// Explain implements statements.DB.
func (db database) Explain(err error, doing string) error { return explain(err, doing) }

// Answered implements statements.DB.
func (db database) Answered(err error) bool {
	e, ok := errors.AsType[*sqlite3.Error](err)
	return ok && e.Code()&0xff == lib.SQLITE_CONSTRAINT
}

// prepare has the writer's connection read statements that it has not read yet. To read
// a long one takes SQLite longer than to run it.
func (db database) prepare(ctx context.Context, steps []statements.Step) error {
	for _, step := range steps {
		text := step.In(statements.SQLite)
		if _, known := db.prepared.Load(text); known || text == "" {
			continue
		}
		prepared, err := db.writer.PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		if _, known := db.prepared.LoadOrStore(text, prepared); known {
			_ = prepared.Close()
		}
	}
	return nil
}

// preparedTx is a transaction that uses what was prepared.
type preparedTx struct {
	*sql.Tx
	prepared *sync.Map // the *sql.Stmt of a text
}

// ExecContext implements querier.
func (tx preparedTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if s, ok := tx.prepared.Load(query); ok {
		return tx.StmtContext(ctx, s.(*sql.Stmt)).ExecContext(ctx, args...)
	}
	return tx.Tx.ExecContext(ctx, query, args...)
}

// QueryContext implements querier.
func (tx preparedTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s, ok := tx.prepared.Load(query); ok {
		return tx.StmtContext(ctx, s.(*sql.Stmt)).QueryContext(ctx, args...)
	}
	return tx.Tx.QueryContext(ctx, query, args...)
}

// querier is what a database and a transaction have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// run runs steps one after the other.
func run(ctx context.Context, q querier, now time.Time, steps []statements.Step) error {
	for _, step := range steps {
		text, names, values, err := step.Bind(statements.SQLite, now)
		if err != nil {
			return err
		}
		if text == "" {
			continue
		}
		for i, name := range names {
			values[i] = sql.Named(name, values[i])
		}
		if step.Each == nil {
			err = change(ctx, q, text, values, step.Count)
		} else {
			err = read(ctx, q, text, values, step)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// change runs a statement that returns no rows.
func change(ctx context.Context, q querier, text string, values []any, count *int) error {
	result, err := q.ExecContext(ctx, text, values...)
	if err != nil || count == nil {
		return err
	}
	n, err := result.RowsAffected()
	*count = int(n)
	return err
}

// read gives the rows of a statement to its step.
func read(ctx context.Context, q querier, text string, values []any, step statements.Step) (err error) {
	rows, err := q.QueryContext(ctx, text, values...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if step.Start != nil {
		step.Start()
	}
	for rows.Next() {
		if err := step.Each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
