package media

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"heyq/internal/fault"
)

const partSuffix = ".part"

// spool is the folder of downloads under way. Its files are spread over 256
// subfolders: file systems are slow to create and unlink many in one.
type spool struct{ dir string }

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

// SweepSpool removes the part files that nobody has written to for olderThan:
// what a crash left behind. Choose it longer than any download may pause.
func (l *Library) SweepSpool(ctx context.Context, olderThan time.Duration) (removed int, err error) {
	before := time.Now().Add(-olderThan)
	err = filepath.WalkDir(l.spool.dir, func(path string, entry fs.DirEntry, err error) error {
		if err := errors.Join(ctx.Err(), ignoreGone(err)); err != nil {
			return err
		}
		if entry == nil || entry.IsDir() || filepath.Ext(path) != partSuffix {
			return nil
		}
		info, err := entry.Info()
		if err != nil || info.ModTime().After(before) {
			return ignoreGone(err)
		}
		if err := os.Remove(path); err != nil {
			return ignoreGone(err)
		}
		removed++
		return nil
	})
	if err != nil {
		return removed, fmt.Errorf("sweep spool: %w", err)
	}
	return removed, nil
}

// ignoreGone drops the error about a file that was published or removed between
// two looks.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
