package media

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"syscall"
)

// folder is a bucket in a local folder, with the quicker ways that a file system
// has: a rename instead of a copy, a folder removed as one, and a listing that
// does not visit every file.
type folder struct {
	bucket
	dir    string
	sync   bool
	rename func(from, to string) error // os.Rename; a test stands in for a second file system
}

func (f *folder) path(key string) string { return filepath.Join(f.dir, filepath.FromSlash(key)) }

func (f *folder) publish(ctx context.Context, prefix string, files []File) error {
	dir := f.path(prefix)
	if err := mkdir(dir); err != nil {
		return err
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.place(file, filepath.Join(dir, file.Name)); err != nil {
			return err
		}
	}
	if !f.sync {
		return nil
	}
	return errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)), syncDir(f.path(root)))
}

// mkdir makes a run's folder. The run's and the video's are new as a rule, their
// parent is not, so two calls do.
func mkdir(dir string) error {
	if err := os.Mkdir(filepath.Dir(dir), 0o777); errors.Is(err, fs.ErrNotExist) {
		return os.MkdirAll(dir, 0o777)
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// place moves the file to dst, or, where it lies in memory or on another file
// system, writes it beside dst and moves that.
func (f *folder) place(file File, dst string) error {
	if file.Path != "" {
		err := f.move(file.Path, dst)
		if !errors.Is(err, syscall.EXDEV) {
			return err
		}
	}
	temporary := dst + ".tmp"
	err := f.write(file, temporary)
	if err == nil {
		err = os.Rename(temporary, dst)
	}
	if err != nil {
		_ = os.Remove(temporary)
	}
	return err
}

func (f *folder) move(src, dst string) error {
	if f.sync {
		if err := syncFile(src); err != nil {
			return err
		}
	}
	return f.rename(src, dst)
}

func (f *folder) write(file File, path string) (err error) {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if file.Path == "" {
		_, err = out.Write(file.Data)
	} else {
		err = copyFrom(out, file.Path)
	}
	if err != nil || !f.sync {
		return err
	}
	return out.Sync()
}

func copyFrom(out *os.File, path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(out, in)
	return err
}

// syncFile flushes what any handle has written to the file.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir flushes the names in a folder.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
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
