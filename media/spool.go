package media

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"github.com/google/uuid"
)

// spool is where downloads are under way. Its folder holds
//
//	<id>/*.part    the downloads of the library <id>
//	<id>.lock      locked while that library lives: the lock ends with the process
type spool struct {
	root string
	dir  string
	lock *flock.Flock
}

// Only this user may read what lies here.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

const (
	lockSuffix = ".lock"
	partSuffix = ".part"
)

// openSpool makes a folder of its own in root; none without a root.
func openSpool(root string) (*spool, error) {
	if root == "" {
		return nil, nil //nolint:nilnil // every method says what a library without one does
	}
	if err := os.MkdirAll(root, folderMode); err != nil {
		return nil, fmt.Errorf("create spool: %w", err)
	}
	for {
		dir := filepath.Join(root, uuid.NewString())
		lock := flock.New(dir+lockSuffix, flock.SetPermissions(fileMode))
		locked, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock spool: %w", err)
		}
		if !locked {
			continue // a sweep took the new lock for a dead owner's
		}
		if err := os.Mkdir(dir, folderMode); err != nil {
			return nil, errors.Join(fmt.Errorf("create spool: %w", err), lock.Close())
		}
		return &spool{root: root, dir: dir, lock: lock}, nil
	}
}

// create opens an empty part.
func (s *spool) create() (*os.File, error) {
	if s == nil {
		return nil, errors.New("this library has none")
	}
	f, err := os.CreateTemp(s.dir, "*"+partSuffix)
	if errors.Is(err, fs.ErrNotExist) { // a cleaner of old files took the folder
		if err := os.MkdirAll(s.dir, folderMode); err != nil {
			return nil, err
		}
		return os.CreateTemp(s.dir, "*"+partSuffix)
	}
	return f, err
}

// close removes the folder: a library that is closed has no downloads under way.
func (s *spool) close() error {
	if s == nil {
		return nil
	}
	return errors.Join(os.RemoveAll(s.dir), ignoreGone(os.Remove(s.dir+lockSuffix)), s.lock.Close())
}

// ping reports whether something can be written there.
func (s *spool) ping() error {
	if s == nil {
		return nil
	}
	return writable(s.dir)
}

// Spooled is a file that was fetched, and that its caller owns: publish it, and
// Remove it in any case.
type Spooled struct {
	Path   string
	Bytes  int64
	SHA256 string // hex
}

// Remove deletes the file, if Publish has not taken it over.
func (s *Spooled) Remove() error {
	if err := ignoreGone(os.Remove(s.Path)); err != nil {
		return fmt.Errorf("remove spooled: %w", err)
	}
	return nil
}

// SweepSpool removes the folders of libraries whose process has ended. It returns
// how many downloads were in them. Any number of processes may call it at once.
func (l *Library) SweepSpool(ctx context.Context) (removed int, err error) {
	if l.spool == nil {
		return 0, nil
	}
	locks, err := filepath.Glob(filepath.Join(l.spool.root, "*"+lockSuffix))
	if err != nil {
		return 0, fmt.Errorf("sweep spool: %w", err)
	}
	for _, lock := range locks {
		dir := strings.TrimSuffix(lock, lockSuffix)
		if dir == l.spool.dir {
			continue
		}
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		n, err := removeDead(dir)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("sweep spool: %w", err)
		}
	}
	return removed, nil
}

// removeDead removes a folder if its lock is free.
func removeDead(dir string) (parts int, err error) {
	lock := flock.New(dir+lockSuffix, flock.SetPermissions(fileMode))
	dead, err := lock.TryLock()
	if err != nil || !dead {
		return 0, errors.Join(err, lock.Close())
	}
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), partSuffix) {
			parts++
		}
	}
	return parts, errors.Join(os.RemoveAll(dir), ignoreGone(os.Remove(dir+lockSuffix)), lock.Close())
}

// ignoreGone drops the error about what is not there (any more).
func ignoreGone(err error) error {
	if notThere(err) {
		return nil
	}
	return err
}
