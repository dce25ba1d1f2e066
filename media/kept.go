package media

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// bounds of what is kept.
type bounds struct {
	age   time.Duration // since the last byte came
	bytes int64
}

func (s *spool) keptDir(name string) string { return filepath.Join(s.root, keptFolder, name) }

// putAside makes a part nobody's, for the next who fetches its name. Its owner
// has closed it, or is dead.
func (s *spool) putAside(path string) error {
	name, ok := nameOf(path)
	if !ok {
		return fmt.Errorf("%q is no part", filepath.Base(path))
	}
	dir := s.keptDir(name)
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return err
	}
	return movePart(path, dir)
}

// adopt takes the largest part that is kept of a name into this library's folder,
// removes the others, and opens it. nil: there is none. Any number may try it at
// once; the rename of a part decides who has it.
func (s *spool) adopt(name string) (*os.File, origin) {
	dir := s.keptDir(name)
	parts := partsIn(dir)
	if len(parts) == 0 {
		return nil, origin{}
	}
	slices.SortFunc(parts, func(a, b kept) int { return -cmp.Compare(a.bytes, b.bytes) })
	defer os.RemoveAll(dir)
	for _, p := range parts {
		if f, o := s.take(p.path); f != nil {
			return f, o
		}
	}
	return nil, origin{}
}

// take makes a kept part this library's own: the part first, for that is what
// others may be after. A crash in between leaves a part without a note, which is
// removed with the dead one's folder.
func (s *spool) take(path string) (*os.File, origin) {
	mine := s.path(filepath.Base(path))
	if err := os.MkdirAll(filepath.Dir(mine), folderMode); err != nil {
		return nil, origin{}
	}
	if err := os.Rename(path, mine); err != nil {
		return nil, origin{}
	}
	_ = os.Rename(aboutPath(path), aboutPath(mine))
	o, ok := noted(mine)
	f, err := os.OpenFile(mine, os.O_RDWR, 0)
	if !ok || err != nil {
		_ = f.Close()
		_ = removePart(mine)
		return nil, origin{}
	}
	return f, o
}

// kept is one part that is kept.
type kept struct {
	path    string
	bytes   int64
	touched time.Time // when its last byte came
}

func partsIn(dir string) (parts []kept) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !strings.HasSuffix(entry.Name(), partSuffix) {
			continue
		}
		parts = append(parts, kept{filepath.Join(dir, entry.Name()), info.Size(), info.ModTime()})
	}
	return parts
}

// expire removes what is kept longer than b.age, and the oldest beyond b.bytes.
func (s *spool) expire(b bounds) (removed int, err error) {
	names, err := s.names()
	if err != nil {
		return 0, err
	}
	var parts []kept
	for _, name := range names {
		dir := s.keptDir(name)
		found := partsIn(dir)
		if info, err := os.Stat(dir); err == nil && len(found) == 0 && time.Since(info.ModTime()) > b.age {
			_ = os.RemoveAll(dir) // a crash between two renames left a note alone
		}
		parts = append(parts, found...)
	}
	slices.SortFunc(parts, func(a, b kept) int { return b.touched.Compare(a.touched) })
	var sum int64
	var errs []error
	for _, p := range parts {
		if sum += p.bytes; sum > b.bytes || time.Since(p.touched) > b.age {
			errs = append(errs, removePart(p.path))
			removed++
		}
	}
	for _, name := range names {
		_ = os.Remove(s.keptDir(name)) // where nothing is left
	}
	return removed, errors.Join(errs...)
}

// names lists the names of which something is kept.
func (s *spool) names() (names []string, err error) {
	entries, err := os.ReadDir(s.keptDir(""))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		if safe(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// Kept lists the names of which a part is kept for a later Fetch.
func (l *Library) Kept() ([]string, error) {
	names, err := l.spool.names()
	if err != nil {
		return nil, fmt.Errorf("list kept parts: %w", err)
	}
	return names, nil
}

// Forget removes what is kept of a name: nobody will fetch it again.
func (l *Library) Forget(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := os.RemoveAll(l.spool.keptDir(name)); err != nil {
		return fmt.Errorf("forget %s: %w", name, err)
	}
	return nil
}
