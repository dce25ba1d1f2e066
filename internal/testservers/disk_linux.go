package testservers

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// The calls of <linux/fs.h> and of ext4 that package unix does not name.
const (
	fiFreeze     = 0xc0045877
	fiThaw       = 0xc0045878
	ext4Shutdown = 0x8004587d // EXT4_IOC_SHUTDOWN
	noLogFlush   = 2          // not even the journal
)

func shutdown(dir string) error {
	return on(dir, func(fd int) error { return unix.IoctlSetPointerInt(fd, ext4Shutdown, noLogFlush) })
}

func flush(dir string) error { return on(dir, unix.Syncfs) }

func on(dir string, call func(fd int) error) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(call(int(f.Fd())), f.Close())
}

// freeze has everything that writes wait until thaw. The folder stays open: it
// could not be opened again by who must not wait.
func freeze(dir string) (thaw func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetInt(int(f.Fd()), fiFreeze, 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error { return errors.Join(unix.IoctlSetInt(int(f.Fd()), fiThaw, 0), f.Close()) }, nil
}

// unmount takes a file system away; by force also from who uses it.
func unmount(dir string, force bool) error {
	flags := 0
	if force {
		flags = unix.MNT_DETACH
	}
	return unix.Unmount(dir, flags)
}

// fill takes all the room that there is, down to the last gap.
func fill(path string) error {
	const block = 4 << 10
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	size := int64(0)
	for chunk := int64(256 << 20); chunk >= block; {
		if err = unix.Fallocate(int(f.Fd()), 0, size, chunk); err != nil {
			chunk /= 2
			continue
		}
		size += chunk
	}
	if !errors.Is(err, unix.ENOSPC) {
		return err
	}
	return nil
}
