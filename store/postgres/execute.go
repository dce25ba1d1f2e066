package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"heyq/store/sql"
)

// database is the store as its Protocol reaches it.
type database struct{ *Store }

var _ sql.DB = database{}

// Read implements sql.DB.
func (db database) Read(ctx context.Context, steps ...sql.Step) error { return db.Write(ctx, steps...) }

// Write implements sql.DB: several steps are one implicit transaction.
func (db database) Write(ctx context.Context, steps ...sql.Step) error {
	return db.do(ctx, func(ctx context.Context, q querier) error { return run(ctx, q, steps) })
}

// InTx implements sql.DB.
func (db database) InTx(ctx context.Context, fn func(context.Context, sql.Do) error) error {
	committing := false
	err := db.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		committing = false
		err := fn(ctx, func(ctx context.Context, steps ...sql.Step) error { return run(ctx, tx, steps) })
		committing = err == nil
		return err
	})
	if committing && away(err) {
		return errors.Join(sql.ErrAnswerLost, err)
	}
	return err
}

// Explain implements sql.DB.
func (db database) Explain(err error, doing string) error { return explain(err, doing) }

// Answered implements sql.DB.
func (db database) Answered(err error) bool {
	state, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (state.Code[:2] == "23" || state.Code[:2] == "40")
}

// run sends steps in one round trip.
func run(ctx context.Context, q querier, steps []sql.Step) error {
	batch := &pgx.Batch{}
	var last sql.Step
	for _, step := range steps {
		text, _, values, err := step.Bind(sql.Postgres, time.Time{})
		if err != nil {
			return err
		}
		if text != "" {
			batch.Queue(text, values...).Query(func(rows pgx.Rows) error { return read(rows, step) })
			last = step
		}
	}
	switch queued := batch.QueuedQueries; len(queued) {
	case 0:
		return nil
	case 1:
		rows, err := q.Query(ctx, queued[0].SQL, queued[0].Arguments...)
		if err != nil {
			return err
		}
		return read(rows, last)
	}
	return q.SendBatch(ctx, batch).Close()
}

// read gives the rows that have come to a step.
func read(rows pgx.Rows, step sql.Step) error {
	defer rows.Close()
	if step.Start != nil {
		step.Start()
	}
	for rows.Next() {
		if step.Each == nil {
			continue
		}
		if err := step.Each(rows); err != nil {
			return err
		}
	}
	rows.Close()
	if step.Count != nil {
		*step.Count = int(rows.CommandTag().RowsAffected())
	}
	return rows.Err()
}
