package sql

import (
	"context"
	"errors"
	"time"
)

// Observer is told of each operation on the database when it has ended, and how long
// its caller has waited for it: of a statement under its name (a batch has the last
// one's), and of the begin and the commit of a transaction of several. err is why it
// failed; an answer that was not the one hoped for is no failure. It is not told of
// what the caller gave up. Many may tell it at once.
type Observer func(name string, err error, took time.Duration)

// observed is a DB with an observer before it.
type observed struct {
	DB
	tell Observer
}

// Read implements DB.
func (o observed) Read(ctx context.Context, steps ...Step) error {
	return o.timed(ctx, o.DB.Read)(ctx, steps...)
}

// Write implements DB.
func (o observed) Write(ctx context.Context, steps ...Step) error {
	return o.timed(ctx, o.DB.Write)(ctx, steps...)
}

// InTx implements DB. It measures the time of begin and of commit; what fn asks measures
// itself.
func (o observed) InTx(ctx context.Context, fn func(context.Context, Do) error) error {
	since, doing := time.Now(), "begin"
	err := o.DB.InTx(ctx, func(inner context.Context, do Do) error {
		o.ended(ctx, "begin", since, nil)
		err := fn(inner, o.timed(ctx, do))
		since, doing = time.Now(), "commit"
		if err != nil {
			doing = "" // it is rolled back
		}
		return err
	})
	if doing != "" {
		o.ended(ctx, doing, since, err)
	}
	return err
}

// timed tells of what do does. The context is that of the caller who waits.
func (o observed) timed(caller context.Context, do Do) Do {
	return func(ctx context.Context, steps ...Step) error {
		start := time.Now()
		err := do(ctx, steps...)
		if len(steps) > 0 {
			o.ended(caller, steps[len(steps)-1].Name, start, err)
		}
		return err
	}
}

func (o observed) ended(caller context.Context, name string, start time.Time, err error) {
	switch {
	case err != nil && errors.Is(caller.Err(), context.Canceled):
		return
	case err != nil && o.Answered(err):
		err = nil
	}
	o.tell(name, err, time.Since(start))
}
