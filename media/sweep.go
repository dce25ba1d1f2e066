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

	"github.com/gofrs/flock"
)

// SweepSpool clears the folders of libraries whose process has ended: downloads
// that can be gone on with are kept for an hour, the rest is removed. So is what
// was kept for longer, or is more than Options allow. It returns how many
// downloads it removed. Any number of processes may call it at once.
func (l *Library) SweepSpool(ctx context.Context) (removed int, err error) {
	dead, deadErr := l.spool.rescue(ctx)
	expired, err := l.spool.expire(l.spool.keep)
	if err := errors.Join(deadErr, err); err != nil {
		return dead + expired, fmt.Errorf("sweep spool: %w", err)
	}
	return dead + expired, nil
}

// rescueEvery is how often a Fetch looks for the dead. A video is dispatched again
// some seconds after its worker's death, so that this look finds what that left.
const rescueEvery = time.Second

// rescueLately rescues, unless that was done right now.
func (s *spool) rescueLately(ctx context.Context) {
	s.mu.Lock()
	lately := time.Since(s.rescued) < rescueEvery
	s.mu.Unlock()
	if !lately {
		_, _ = s.rescue(ctx) // what it cannot rescue is fetched again; the sweep reports errors
	}
}

// rescue moves what dead libraries left, and removes what nobody can go on with.
func (s *spool) rescue(ctx context.Context) (removed int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rescued = time.Now()
	entries, err := os.ReadDir(s.root)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		dir := filepath.Join(s.root, strings.TrimSuffix(entry.Name(), lockSuffix))
		if dir == s.dir || !strings.HasSuffix(entry.Name(), lockSuffix) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		n, err := s.clear(dir)
		if removed += n; err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// clear empties and removes a folder if its lock is free.
func (s *spool) clear(dir string) (removed int, err error) {
	lock := flock.New(dir+lockSuffix, flock.SetPermissions(fileMode))
	dead, err := lock.TryLock()
	if err != nil || !dead {
		return 0, errors.Join(err, lock.Close())
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, partSuffix) {
			return ignoreGone(err)
		}
		if _, ok := noted(path); !ok || s.putAside(path) != nil {
			removed++ // with the folder
		}
		return nil
	})
	return removed, errors.Join(err, os.RemoveAll(dir), ignoreGone(os.Remove(dir+lockSuffix)), lock.Close())
}
