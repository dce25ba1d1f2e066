package media

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"time"

	"gocloud.dev/gcerrors"
)

// tell tells of an operation on the media store. That there is no such file is an
// answer, and what its caller gave up says nothing about the store.
func (l *Library) tell(name string, err error, took time.Duration) {
	switch {
	case l.observe == nil, name == "", errors.Is(err, context.Canceled):
		return
	case notThere(err):
		err = nil
	}
	l.observe(name, err, took)
}

// notThere reports that a shelf has no such file.
func notThere(err error) bool {
	return gcerrors.Code(err) == gcerrors.NotFound || errors.Is(err, fs.ErrNotExist)
}

// Prefixes yields every run that published something, in no particular order. The
// one just yielded may be deleted on the way. An error ends it.
func (l *Library) Prefixes(ctx context.Context) iter.Seq2[Prefix, error] {
	return func(yield func(Prefix, error) bool) {
		var failed error
		var reading time.Duration // by the caller, in between
		start := time.Now()
		for p, err := range l.shelf.prefixes(ctx) {
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
		l.tell("list", failed, time.Since(start)-reading)
	}
}
