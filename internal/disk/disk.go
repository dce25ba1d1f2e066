// Package disk says how much room a file system has left.
//
// It knows nothing of heyq, and no other system than those whose calls it makes:
// elsewhere the answer is errors.ErrUnsupported.
package disk

import (
	"os"
	"path/filepath"
)

// Space is the room of a file system, in bytes.
type Space struct {
	Free  int64 // for this user
	Total int64
}

// At returns the room where path is, or would be: a folder that does not exist
// yet lies in its nearest parent that does.
func At(path string) (Space, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Space{}, err
	}
	return at(Existing(path))
}

// Existing returns path, or its nearest parent that exists.
func Existing(path string) string {
	for {
		_, err := os.Stat(path)
		parent := filepath.Dir(path)
		if err == nil || parent == path {
			return path
		}
		path = parent
	}
}
