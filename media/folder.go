package media

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"heyq/internal/durable"
)

// folder is a bucket in a local folder, with the quicker ways that a file system
// has: a rename instead of a copy, a folder removed as one, and a listing that
// does not visit every file.
type folder struct {
	bucket
	dir    string
	rename func(from, to string) error // os.Rename; a test stands in for a second file system
	flush  func(paths ...string) error // durable.Sync; a benchmark compares it with others
	made   atomic.Bool                 // the folder of all videos is there, and all names on the way to it are durable
}

func (f *folder) path(key string) string { return filepath.Join(f.dir, filepath.FromSlash(key)) }

// publish returns when the files, and the names of all folders on the way to
// them, are on the disk: a row that says so is durable, and its files must not be
// less.
func (f *folder) publish(ctx context.Context, prefix string, files []File) error {
	dir := f.path(prefix)
	if err := f.mkdir(dir); err != nil {
		return err
	}
	written := []string{dir, filepath.Dir(dir), f.path(root)}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(dir, file.Name)
		if err := f.place(file, path); err != nil {
			return err
		}
		written = append(written, path)
	}
	return f.flush(written...)
}

// mkdir makes a run's folder. The run's and the video's are new as a rule, their
// parent is not, so two calls do.
func (f *folder) mkdir(dir string) error {
	if !f.made.Load() {
		if err := durable.MkdirAll(f.path(root), folderMode); err != nil {
			return err
		}
		f.made.Store(true)
	}
	if err := os.Mkdir(filepath.Dir(dir), folderMode); errors.Is(err, fs.ErrNotExist) {
		return durable.MkdirAll(dir, folderMode)
	}
	if err := os.Mkdir(dir, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// place moves the file to dst, or, if it lies in memory or on another file
// system, writes it beside dst and moves that.
func (f *folder) place(file File, dst string) error {
	if file.Path != "" {
		err := f.rename(file.Path, dst)
		if !errors.Is(err, syscall.EXDEV) {
			return err
		}
	}
	temporary := dst + ".tmp"
	err := write(file, temporary)
	if err == nil {
		err = os.Rename(temporary, dst)
	}
	if err != nil {
		_ = os.Remove(temporary)
	}
	return err
}

func write(file File, path string) (err error) {
	in, err := file.open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func (f *folder) delete(_ context.Context, prefix string) error {
	dir := f.path(prefix)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(dir)) // the video's own folder, which goes with its last run
	return nil
}

func (f *folder) prefixes(ctx context.Context) iter.Seq2[Prefix, error] {
	return func(yield func(Prefix, error) bool) {
		for video, err := range entries(ctx, f.path(root)) {
			if err != nil {
				yield(Prefix{}, err)
				return
			}
			if !f.runs(ctx, video, yield) {
				return
			}
		}
	}
}

// runs yields the runs of one video and reports whether to go on.
func (f *folder) runs(ctx context.Context, video fs.DirEntry, yield func(Prefix, error) bool) bool {
	if !video.IsDir() || !safe(video.Name()) {
		return true
	}
	for entry, err := range entries(ctx, f.path(root+video.Name())) {
		if err != nil {
			yield(Prefix{}, err)
			return false
		}
		prefix, ok := parsePrefix(root + video.Name() + "/" + entry.Name() + "/")
		if !ok || !entry.IsDir() {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			yield(Prefix{}, err)
			return false
		}
		prefix.ModTime = info.ModTime()
		if !yield(prefix, nil) {
			return false
		}
	}
	return true
}

// entries reads a folder a thousand names at a time. A folder that is not there
// has none.
func entries(ctx context.Context, dir string) iter.Seq2[fs.DirEntry, error] {
	return func(yield func(fs.DirEntry, error) bool) {
		d, err := os.Open(dir)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				yield(nil, err)
			}
			return
		}
		defer d.Close()
		for {
			batch, err := d.ReadDir(1000)
			for _, entry := range batch {
				if !yield(entry, ctx.Err()) {
					return
				}
			}
			if errors.Is(err, io.EOF) || errors.Is(err, fs.ErrNotExist) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

func (f *folder) ping(context.Context) error { return writable(f.dir) }

// tryWrite has nothing to add: ping writes.
func (f *folder) tryWrite(context.Context) error { return nil }
