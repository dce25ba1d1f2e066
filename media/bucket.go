package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
)

// bucket is any store that gocloud.dev/blob can open. A blob becomes visible when
// its upload is complete.
type bucket struct{ *blob.Bucket }

func (b bucket) publish(ctx context.Context, prefix string, files []File) error {
	for _, f := range files {
		if err := b.upload(ctx, prefix+f.Name, f); err != nil {
			return err
		}
	}
	return nil
}

func (b bucket) upload(ctx context.Context, key string, f File) error {
	content, err := f.open()
	if err != nil {
		return err
	}
	defer content.Close()
	return b.Upload(ctx, key, content, &blob.WriterOptions{ContentType: f.ContentType})
}

func (f File) open() (io.ReadCloser, error) {
	if f.Path == "" {
		return io.NopCloser(bytes.NewReader(f.Data)), nil
	}
	return os.Open(f.Path)
}

func (b bucket) open(ctx context.Context, key string) (*Object, error) {
	r, err := b.NewReader(ctx, key, nil)
	if err != nil {
		return nil, err
	}
	o := &Object{ReadSeekCloser: r, Size: r.Size(), ModTime: r.ModTime(), ContentType: r.ContentType()}
	return o, nil
}

func (b bucket) delete(ctx context.Context, prefix string) error {
	return b.each(ctx, prefix, func(o *blob.ListObject) error { return ignoreGone(b.Delete(ctx, o.Key)) })
}

// each does something with every object under prefix, in the order of the keys.
func (b bucket) each(ctx context.Context, prefix string, do func(*blob.ListObject) error) error {
	list := b.List(&blob.ListOptions{Prefix: prefix})
	for {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(o)
		}
		if err != nil {
			return err
		}
	}
}

// errEnough ends a list of which no more is wanted.
var errEnough = errors.New("enough")

// prefixes reads the list of keys, which is sorted, once, and yields a prefix
// when its last key has passed. Keys of another form are not ours.
func (b bucket) prefixes(ctx context.Context) iter.Seq2[Prefix, error] {
	return func(yield func(Prefix, error) bool) {
		var current Prefix
		err := b.each(ctx, root, func(o *blob.ListObject) error {
			p, _, ok := splitKey(o.Key)
			if !ok {
				return nil
			}
			p.ModTime = o.ModTime
			if p.Video == current.Video && p.Run == current.Run {
				if p.ModTime.Before(current.ModTime) {
					p.ModTime = current.ModTime
				}
			} else if current.Video != "" && !yield(current, nil) {
				return errEnough
			}
			current = p
			return nil
		})
		switch {
		case errors.Is(err, errEnough):
		case err != nil:
			yield(Prefix{}, err)
		case current.Video != "":
			yield(current, nil)
		}
	}
}

var errNoBucket = errors.New("the bucket does not exist, or these credentials may not see it")

func (b bucket) ping(ctx context.Context) error {
	ok, err := b.IsAccessible(ctx)
	if err == nil && !ok {
		err = errNoBucket
	}
	return err
}

// tryWrite uses a key that is no video's.
func (b bucket) tryWrite(ctx context.Context) error {
	key := "heyq-probe-" + uuid.NewString()
	if err := b.upload(ctx, key, File{Data: []byte(key), ContentType: unknownType}); err != nil {
		return err
	}
	got, err := b.ReadAll(ctx, key)
	if err == nil && string(got) != key {
		err = fmt.Errorf("%d bytes were written, and %d others read", len(key), len(got))
	}
	return errors.Join(err, b.Delete(ctx, key))
}

// abortUploads has nothing to do if there are no uploads in parts.
func (b bucket) abortUploads(context.Context, time.Time) (int, error) { return 0, nil }
