package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"heyq/internal/statement"
)

// Observer is told of each operation on the database when it has ended: of a
// statement under a name such as UPDATE videos, of a transaction's BEGIN and
// COMMIT, and of CONNECT. err is why it failed; a row that exists already, or a
// deadlock that is resolved by trying again, is the database's answer and no
// failure. Of what its caller gave up nobody is told.
type Observer func(ctx context.Context, name string, err error, took time.Duration)

// WithObserver has every operation observed. Without it nothing is measured.
func WithObserver(o Observer) Option {
	return func(_ *Store, c *pgxpool.Config) {
		c.ConnConfig.Tracer = beside(c.ConnConfig.Tracer, &tracer{observe: o})
	}
}

// beside has t trace beside what traces already.
func beside(other, t pgx.QueryTracer) pgx.QueryTracer {
	if other == nil {
		return t
	}
	return multitracer.New(other, t)
}

// tracer is pgx's hook around an operation.
type tracer struct {
	observe Observer
	names   statement.Names
}

var (
	_ pgx.QueryTracer   = (*tracer)(nil)
	_ pgx.BatchTracer   = (*tracer)(nil)
	_ pgx.ConnectTracer = (*tracer)(nil)
)

// operation is the context of an operation: the caller's, which also knows what
// was begun and when. As one value it costs one allocation.
type operation struct {
	context.Context
	name  string
	start time.Time
}

type operationKey struct{}

// Value implements context.Context.
func (o *operation) Value(key any) any {
	if key == (operationKey{}) {
		return o
	}
	return o.Context.Value(key)
}

func begin(ctx context.Context, name string) context.Context {
	return &operation{ctx, name, time.Now()}
}

// end tells the observer.
func (t *tracer) end(ctx context.Context, err error) {
	o, ok := ctx.Value(operationKey{}).(*operation)
	if !ok || abandoned(ctx, err) {
		return
	}
	if answered(err) {
		err = nil
	}
	t.observe(ctx, o.name, err, time.Since(o.start))
}

// abandoned is true if the caller did not wait for the end. That the server is
// silent is no caller's wish.
func abandoned(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && !errors.Is(context.Cause(ctx), errSilent)
}

// answered is true for an error that is the database's answer: it keeps a
// constraint, or had to roll back one of two transactions.
func answered(err error) bool {
	state, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (state.Code[:2] == "23" || state.Code[:2] == "40")
}

// TraceQueryStart implements pgx.QueryTracer.
func (t *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return begin(ctx, t.names.Of(data.SQL))
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t *tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	t.end(ctx, data.Err)
}

// TraceBatchStart implements pgx.BatchTracer. A batch is one round trip, named
// after its last statement: what comes before prepares for that.
func (t *tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	name := "batch"
	if queries := data.Batch.QueuedQueries; len(queries) > 0 {
		name = t.names.Of(queries[len(queries)-1].SQL)
	}
	return begin(ctx, name)
}

// TraceBatchQuery implements pgx.BatchTracer.
func (t *tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (t *tracer) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	t.end(ctx, data.Err)
}

// TraceConnectStart implements pgx.ConnectTracer.
func (t *tracer) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return begin(ctx, "CONNECT")
}

// TraceConnectEnd implements pgx.ConnectTracer.
func (t *tracer) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	t.end(ctx, data.Err)
}
