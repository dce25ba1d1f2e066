package testservers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// Disk is a file system of its own, an ext4 on a loop device, which can be full,
// slow or without power. Only root may make one, and only on Linux. Its methods
// are safe for concurrent use.
type Disk struct {
	Dir   string // where it is mounted, before and after a cut; every user may enter
	image string
	home  *folder

	mu     sync.Mutex // held while it is frozen or away
	closed bool
}

// NewDisk makes a disk of so many bytes, which are taken as they are used. The
// image is a file that the caller names, and stays after Close.
func NewDisk(ctx context.Context, image string, size int64) (*Disk, error) {
	home, err := privateDir("disk", nil)
	if err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	d := &Disk{Dir: filepath.Join(home.path, mountPoint), image: image, home: home}
	if err := d.make(ctx, size); err != nil {
		home.remove()
		return nil, fmt.Errorf("disk: %w", err)
	}
	return d, nil
}

// mountPoint is the folder of a private one on which a disk is mounted.
const mountPoint = "mounted"

func (d *Disk) make(ctx context.Context, size int64) error {
	if err := errors.Join(os.Chmod(d.home.path, 0o711), os.Mkdir(d.Dir, 0o755), os.WriteFile(d.image, nil, 0o600), os.Truncate(d.image, size)); err != nil {
		return err
	}
	// Without a reserve for root: what is full is full for every user.
	if out, err := exec.CommandContext(ctx, "mkfs.ext4", "-q", "-F", "-m", "0", d.image).CombinedOutput(); err != nil {
		return fmt.Errorf("mkfs.ext4: %w: %s", err, out)
	}
	return d.mount()
}

func (d *Disk) mount() error {
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.Dir).CombinedOutput(); err != nil {
		return fmt.Errorf("mount: %w: %s", err, out)
	}
	return nil
}

// Close unmounts the disk, also if a process still uses it.
func (d *Disk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	err := unmount(d.Dir, true)
	d.home.remove()
	return err
}

// Cut is a power cut: from this moment nothing reaches the disk, and what was not
// flushed never does. It kills what works there by gone, and mounts the disk again,
// as the machine does when it boots.
func (d *Disk) Cut(gone func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := shutdown(d.Dir); err != nil {
		return fmt.Errorf("cut the power: %w", err)
	}
	gone()
	// What was killed may take a moment to let go of its files.
	for try := 1; ; try++ {
		err := unmount(d.Dir, false)
		if err == nil {
			break
		}
		if try == 200 {
			return fmt.Errorf("unmount: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := d.mount(); err != nil {
		return err
	}
	return d.mountCopy()
}

// mountCopy does nothing to a disk that can be written to. One that another mount
// namespace has kept from going is still without power when it is mounted again:
// then the image is copied, as it is, and the copy takes its place.
func (d *Disk) mountCopy() error {
	probe := filepath.Join(d.Dir, ".probe")
	if os.WriteFile(probe, nil, 0o600) == nil {
		return os.Remove(probe)
	}
	if err := unmount(d.Dir, false); err != nil {
		return fmt.Errorf("unmount: %w", err)
	}
	again := d.image + ".again"
	if out, err := exec.Command("cp", "--sparse=always", d.image, again).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the image: %w: %s", err, out)
	}
	if err := os.Rename(again, d.image); err != nil {
		return err
	}
	return d.mount()
}

// Flush makes all that was written so far outlive a cut.
func (d *Disk) Flush() error { return flush(d.Dir) }

func (d *Disk) filler() string { return filepath.Join(d.Dir, "filler") }

// Fill leaves no room on the disk.
func (d *Disk) Fill() error {
	if err := fill(d.filler()); err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	return nil
}

// Empty takes back what Fill did.
func (d *Disk) Empty() error { return os.Remove(d.filler()) }

// Stall makes the disk stand still again and again, for so long each time, until
// stop is called: who writes to it then, or flushes what was written, waits. For a
// tenth of that time in between it works.
func (d *Disk) Stall(each time.Duration) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		for {
			if err := d.standStill(ctx, each); err != nil || ctx.Err() != nil {
				done <- err
				return
			}
			wait(ctx, each/10)
		}
	}()
	return func() error {
		cancel()
		return <-done
	}
}

// standStill freezes the disk for a time. It never stays so.
func (d *Disk) standStill(ctx context.Context, each time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || ctx.Err() != nil {
		return nil
	}
	thaw, err := freeze(d.Dir)
	if err != nil {
		return fmt.Errorf("freeze the disk: %w", err)
	}
	wait(ctx, each)
	return thaw()
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
