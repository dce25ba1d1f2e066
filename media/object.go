package media

import (
	"context"
	"fmt"
	"io"
	"time"

	"heyq/internal/fault"
)

// Object is a published file, open for reading; http.ServeContent can serve it.
// Close it. It reads with the context that opened it.
type Object struct {
	io.ReadSeekCloser
	Size        int64
	ModTime     time.Time
	ContentType string
}

// Open opens the file of that key, prefix and name. A key that is none, or that
// names nothing, is a fault.NotFound.
func (l *Library) Open(ctx context.Context, key string) (*Object, error) {
	_, name, ok := splitKey(key)
	if !ok {
		return nil, fault.New(fault.NotFound, "there is no file %q", key)
	}
	o, err := l.openKey(ctx, key)
	if notThere(err) {
		return nil, fault.Wrap(err, fault.NotFound, "there is no file %q", key)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", key, err)
	}
	if o.ContentType == "" || o.ContentType == unknownType { // a folder keeps none
		o.ContentType = contentType(name)
	}
	return o, nil
}

// Delete removes everything under prefix, which is PrefixOf's. It is no error if
// there is nothing.
func (l *Library) Delete(ctx context.Context, prefix string) error {
	if _, ok := parsePrefix(prefix); !ok {
		return fault.New(fault.Invalid, "%q is no prefix to delete", prefix)
	}
	err := l.quick(ctx, "delete", func(ctx context.Context) error { return l.shelf.delete(ctx, prefix) })
	if err != nil {
		return fmt.Errorf("delete %s: %w", prefix, err)
	}
	return nil
}

func (l *Library) openKey(ctx context.Context, key string) (o *Object, err error) {
	err = l.call(ctx, "open", func(ctx context.Context) error {
		o, err = l.shelf.open(ctx, key)
		return err
	})
	return o, err
}
