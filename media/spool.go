package media

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"github.com/google/uuid"

	"heyq/internal/fault"
)

const partSuffix = ".part"

// spool is this library's own folder of downloads under way, beside those of
// other processes. A lock beside it says that its owner lives; it ends with the
// process, however that ends. The files are spread over 256 subfolders: file
// systems are slow to create and unlink many in one.
type spool struct {
	root string
	dir  string
	lock *flock.Flock
}

const lockSuffix = ".lock"

// openSpool makes a folder of its own in root.
func openSpool(root string) (spool, error) {
	if err := os.MkdirAll(root, 0o777); err != nil {
		return spool{}, fmt.Errorf("create spool: %w", err)
	}
	for {
		dir := filepath.Join(root, uuid.NewString())
		lock := flock.New(dir + lockSuffix)
		locked, err := lock.TryLock()
		if err != nil {
			return spool{}, fmt.Errorf("lock spool: %w", err)
		}
		if !locked {
			continue // somebody took the new lock for a dead owner's
		}
		if err := os.Mkdir(dir, 0o777); err != nil {
			return spool{}, errors.Join(fmt.Errorf("create spool: %w", err), lock.Close())
		}
		return spool{root: root, dir: dir, lock: lock}, nil
	}
}

// close removes the folder: whoever closes a library has no downloads under way.
func (s spool) close() error {
	return errors.Join(os.RemoveAll(s.dir), ignoreGone(os.Remove(s.dir+lockSuffix)), s.lock.Close())
}

// Spooled is a file that was fetched and belongs to nobody yet: publish it, and
// Remove it in any case.
type Spooled struct {
	Path        string
	Bytes       int64
	SHA256      string // hex
	ETag        string // as the host gave it, or empty
	ContentType string // as the host gave it, or empty
}

// Remove deletes the file, if Publish has not taken it over.
func (s *Spooled) Remove() error {
	if err := os.Remove(s.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove spooled: %w", err)
	}
	return nil
}

// create opens an empty part file. One that a crash left behind is replaced; it
// is unlinked first, so that whoever may still write to it writes to nobody.
func (s spool) create(name string) (*os.File, error) {
	if !safe(name) {
		return nil, fault.New(fault.Invalid, "%q is no name for a file", name)
	}
	path := s.path(name)
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	f, err := os.OpenFile(path, flags, 0o666)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = os.MkdirAll(filepath.Dir(path), 0o777)
	case errors.Is(err, fs.ErrExist):
		err = os.Remove(path)
	default:
		return f, err
	}
	if err != nil {
		return nil, err
	}
	return os.OpenFile(path, flags, 0o666)
}

func (s spool) path(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return filepath.Join(s.dir, fmt.Sprintf("%02x", byte(h.Sum32())), name+partSuffix)
}

// SweepSpool removes the folders of libraries whose process has ended, with the
// downloads that it left there, and returns how many those were. Any number of
// processes may call it at once.
func (l *Library) SweepSpool(ctx context.Context) (parts int, err error) {
	entries, err := os.ReadDir(l.spool.root)
	if err != nil {
		return 0, fmt.Errorf("sweep spool: %w", err)
	}
	for _, entry := range entries {
		dir := filepath.Join(l.spool.root, strings.TrimSuffix(entry.Name(), lockSuffix))
		if dir == l.spool.dir || !strings.HasSuffix(entry.Name(), lockSuffix) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return parts, fmt.Errorf("sweep spool: %w", err)
		}
		n, err := sweepDead(dir)
		if parts += n; err != nil {
			return parts, fmt.Errorf("sweep spool: %w", err)
		}
	}
	return parts, nil
}

// sweepDead removes a folder if its lock is free.
func sweepDead(dir string) (parts int, err error) {
	lock := flock.New(dir + lockSuffix)
	dead, err := lock.TryLock()
	if err != nil || !dead {
		return 0, errors.Join(err, lock.Close())
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, partSuffix) {
			parts++
		}
		return ignoreGone(err)
	})
	return parts, errors.Join(err, os.RemoveAll(dir), ignoreGone(os.Remove(dir+lockSuffix)), lock.Close())
}

// ignoreGone drops the error about a file that was published or removed between
// two looks.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
