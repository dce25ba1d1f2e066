package media

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gocloud.dev/blob"

	"heyq/internal/fault"
)

// trash is where Discard moves things: beside the videos, under the names that
// they had there.
const trash = "trash/"

// TrashLife is how long what was discarded can be taken back.
const TrashLife = 7 * 24 * time.Hour

// Discard moves everything under prefix, which is PrefixOf's, to the trash, from
// where EmptyTrash removes it and a person can take it back. It is no error if
// there is nothing.
func (l *Library) Discard(ctx context.Context, prefix string) error {
	if _, ok := parsePrefix(prefix); !ok {
		return fault.New(fault.Invalid, "%q is no prefix to discard", prefix)
	}
	err := l.call(ctx, "", func(ctx context.Context) error { return l.shelf.discard(ctx, prefix) })
	if err != nil {
		return fmt.Errorf("discard %s: %w", prefix, err)
	}
	return nil
}

// EmptyTrash removes what has been in the trash since before that time.
func (l *Library) EmptyTrash(ctx context.Context, before time.Time) error {
	err := l.call(ctx, "", func(ctx context.Context) error { return l.shelf.emptyTrash(ctx, before) })
	if err != nil {
		return fmt.Errorf("empty the trash: %w", err)
	}
	return nil
}

// discard copies first: what is cut short leaves both, and is done again.
func (b bucket) discard(ctx context.Context, prefix string) error {
	return b.each(ctx, prefix, func(o *blob.ListObject) error {
		if err := b.Copy(ctx, trash+o.Key, o.Key, nil); err != nil {
			return err
		}
		return ignoreGone(b.Delete(ctx, o.Key))
	})
}

func (b bucket) emptyTrash(ctx context.Context, before time.Time) error {
	return b.each(ctx, trash, func(o *blob.ListObject) error {
		if !o.ModTime.Before(before) {
			return nil
		}
		return ignoreGone(b.Delete(ctx, o.Key))
	})
}

func (f *folder) discard(_ context.Context, prefix string) error {
	from, to := f.path(prefix), f.path(trash+prefix)
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	now := time.Now()
	err := os.Chtimes(from, now, now) // from when on it is in the trash
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = errors.Join(os.RemoveAll(to), os.Rename(from, to))
	}
	if err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(from)) // the video's own folder, which goes with its last run
	return nil
}

func (f *folder) emptyTrash(ctx context.Context, before time.Time) error {
	root := f.path(trash + strings.TrimSuffix(root, "/"))
	for video, err := range entries(ctx, root) {
		if err != nil {
			return err
		}
		dir := filepath.Join(root, video.Name())
		for run, err := range entries(ctx, dir) {
			if err != nil {
				return err
			}
			info, err := run.Info()
			if err == nil && info.ModTime().Before(before) {
				err = os.RemoveAll(filepath.Join(dir, run.Name()))
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		_ = os.Remove(dir) // if it is empty
	}
	return nil
}
