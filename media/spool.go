package media

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"
)

// spool is where downloads are under way. Its folder holds
//
//	<id>/xx/<name>~<id>.part    a download of the library <id>, which lives as
//	<id>.lock                   long as this is locked: it ends with the process
//	kept/<name>/<name>~<id>.part
//
// A part that broke off and can be gone on with is moved to kept, where it is
// nobody's: by the library that fetched it, or out of a dead one's folder by
// whoever finds it first. Whoever fetches that name next moves it to its own
// folder. Each move is a rename, so that no part ever has two owners.
//
// The files are spread over 256 subfolders: file systems are slow to create and
// unlink many in one.
type spool struct {
	root string
	dir  string
	lock *flock.Flock
	keep bounds

	mu      sync.Mutex // one look at a time
	rescued time.Time  // when the dead were last looked for
}

// What lies here is nobody else's to read.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

const (
	lockSuffix = ".lock"
	keptFolder = "kept"
)

// openSpool makes a folder of its own in root.
func openSpool(root string, keep bounds) (*spool, error) {
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
			continue // somebody took the new lock for a dead owner's
		}
		if err := os.Mkdir(dir, folderMode); err != nil {
			return nil, errors.Join(fmt.Errorf("create spool: %w", err), lock.Close())
		}
		return &spool{root: root, dir: dir, lock: lock, keep: keep}, nil
	}
}

// close removes the folder: whoever closes a library has no downloads under way.
// What is kept stays, for the next process.
func (s *spool) close() error {
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
	if err := removePart(s.Path); err != nil {
		return fmt.Errorf("remove spooled: %w", err)
	}
	return nil
}

// ignoreGone drops the error about a file that was published or removed between
// two looks.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
