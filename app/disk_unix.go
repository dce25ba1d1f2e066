//go:build linux || darwin

package app

import "golang.org/x/sys/unix"

// room returns the bytes that are free for this process on the disk of dir, and
// all of them.
func room(dir string) (free, total int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil
}
