package media

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"time"

	"gocloud.dev/gcerrors"
)

// observed measures what is done on a shelf. That there is no such file is an
// answer, and what its caller gave up says nothing about the shelf.
type observed struct {
	shelf
	tell func(name string, err error, took time.Duration)
}

func (o *observed) end(name string, took time.Duration, err error) {
	switch {
	case errors.Is(err, context.Canceled):
		return
	case gcerrors.Code(err) == gcerrors.NotFound || errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	o.tell(name, err, took)
}

func (o *observed) publish(ctx context.Context, prefix string, files []File) error {
	start := time.Now()
	err := o.shelf.publish(ctx, prefix, files)
	o.end("publish", time.Since(start), err)
	return err
}

func (o *observed) open(ctx context.Context, key string) (*Object, error) {
	start := time.Now()
	object, err := o.shelf.open(ctx, key)
	o.end("open", time.Since(start), err)
	return object, err
}

func (o *observed) delete(ctx context.Context, prefix string) error {
	start := time.Now()
	err := o.shelf.delete(ctx, prefix)
	o.end("delete", time.Since(start), err)
	return err
}

func (o *observed) ping(ctx context.Context) error {
	start := time.Now()
	err := o.shelf.ping(ctx)
	o.end("ping", time.Since(start), err)
	return err
}

// prefixes measures the whole list, without what its reader does in between.
func (o *observed) prefixes(ctx context.Context) iter.Seq2[Prefix, error] {
	return func(yield func(Prefix, error) bool) {
		var failed error
		var reading time.Duration
		start := time.Now()
		for p, err := range o.shelf.prefixes(ctx) {
			if err != nil {
				failed = err
			}
			given := time.Now()
			more := yield(p, err)
			reading += time.Since(given)
			if !more {
				break
			}
		}
		o.end("list", time.Since(start)-reading, failed)
	}
}
