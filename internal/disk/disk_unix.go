//go:build linux || darwin

package disk

import (
	"fmt"
	"syscall"
)

// At returns the room of the file system on which path lies.
func At(path string) (Room, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return Room{}, fmt.Errorf("ask for the room at %s: %w", path, err)
	}
	block := uint64(s.Bsize)
	return Room{Free: s.Bavail * block, Size: s.Blocks * block}, nil
}
