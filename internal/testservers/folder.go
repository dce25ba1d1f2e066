package testservers

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// folder is a temporary folder with a short path. It is locked while its owner
// lives, so that another process can tell, and remove, one that was orphaned.
type folder struct {
	path string
	lock *flock.Flock
}

const folderPrefix = "heyq-"

// privateDir makes a folder for the account, and removes orphans.
func privateDir(what string, account *account) (*folder, error) {
	base := shortTempDir()
	sweep(base)
	path, err := os.MkdirTemp(base, folderPrefix+what+"-")
	if err != nil {
		return nil, err
	}
	f := &folder{path: path, lock: flock.New(filepath.Join(path, ".lock"))}
	if _, err := f.lock.TryLock(); err != nil {
		f.remove()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := account.own(path); err != nil {
		f.remove()
		return nil, fmt.Errorf("give %s away: %w", path, err)
	}
	return f, nil
}

func (f *folder) remove() {
	os.RemoveAll(f.path)
	f.lock.Unlock()
}

// sweep removes folders whose owner was killed. A young one may only be on the
// way to its lock.
func sweep(base string) {
	found, _ := filepath.Glob(filepath.Join(base, folderPrefix+"*", ".lock"))
	for _, path := range found {
		info, err := os.Stat(path)
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		lock := flock.New(path)
		if free, err := lock.TryLock(); err == nil && free {
			_ = unmount(filepath.Join(filepath.Dir(path), mountPoint), true) // of a disk, which may be frozen
			os.RemoveAll(filepath.Dir(path))
			lock.Unlock()
		}
	}
}

// shortTempDir returns the system's temporary folder, or /tmp if that is so
// long that a socket's path in it would pass the limit of about 100 bytes.
func shortTempDir() string {
	if dir := os.TempDir(); len(dir) <= 50 {
		return dir
	}
	return "/tmp"
}
