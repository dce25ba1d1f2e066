package sql

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"heyq/store"
)

// Protocol is the part of a store.Store that is the same whatever the database.
type Protocol struct {
	db     DB
	timing store.Timing
}

// New returns the protocol over a database. The observer is told of what is asked of
// the database; without one (nil) nothing is measured.
func New(db DB, timing store.Timing, tell Observer) *Protocol {
	if tell != nil {
		db = observed{db, tell}
	}
	return &Protocol{db, timing}
}

var ping = statement("ping", `SELECT 1`)

// Ping reports whether the database answers.
func (p *Protocol) Ping(ctx context.Context) error {
	return p.explain(p.db.Read(ctx, Step{Statement: ping}), "reach the database")
}

// Do runs steps one after the other, in one transaction.
type Do func(ctx context.Context, steps ...Step) error

// ErrAnswerLost is in the chain of an error if a transaction may be committed all
// the same.
var ErrAnswerLost = errors.New("the answer to a COMMIT was lost")

var errGone = errors.New("it is gone")

// DB is how a database is reached.
type DB interface {
	// Read is a Do of queries, which need not wait for a writer.
	Read(ctx context.Context, steps ...Step) error
	// Write is a Do in a transaction of its own. It is durable when it returns, and
	// costs one round trip.
	Write(ctx context.Context, steps ...Step) error
	// InTx runs fn in a transaction, and again from its beginning if that was
	// rolled back for no fault of its own. ErrAnswerLost is in the chain of an error
	// that leaves open whether the transaction was committed.
	InTx(ctx context.Context, fn func(ctx context.Context, do Do) error) error
	// Explain wraps an error with what was being done, and calls it unavailable if
	// the database was away rather than the statement wrong. nil stays nil.
	Explain(err error, doing string) error
	// Answered reports whether an error is an answer of the database, which works: it
	// keeps a constraint, or had to roll back one of two transactions.
	Answered(err error) bool
}

func (p *Protocol) explain(err error, doing string) error { return p.db.Explain(err, doing) }

// rows is a step whose rows become a list.
func rows[T any](s *Statement, args Args, scan func(Row) (T, error), to *[]T) Step {
	return Step{Statement: s, Args: args, Start: func() { *to = nil }, Each: func(row Row) error {
		item, err := scan(row)
		if err == nil {
			*to = append(*to, item)
		}
		return err
	}}
}

// collect runs one statement that returns rows.
func collect[T any](ctx context.Context, do Do, s *Statement, args Args, scan func(Row) (T, error)) (list []T, err error) {
	err = do(ctx, rows(s, args, scan, &list))
	return list, err
}

// exec runs one statement that returns none, and counts what it changed.
func exec(ctx context.Context, do Do, s *Statement, args Args) (n int, err error) {
	err = do(ctx, Step{Statement: s, Args: args, Count: &n})
	return n, err
}

// write runs one statement whose rows, and their number, do not matter.
func (p *Protocol) write(ctx context.Context, doing string, s *Statement, args Args) error {
	_, err := exec(ctx, p.db.Write, s, args)
	return p.explain(err, doing)
}

func scanID(row Row) (id uuid.UUID, err error) { return id, row.Scan(&id) }

func scanOne[T any](row Row) (value T, err error) { return value, row.Scan(&value) }
