package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Disk is a file system of its own whose power can be cut: an ext4 on a loop device.
type Disk struct {
	Dir   string // where it is mounted, before and after a cut
	image string
}

// NewDisk makes one, which goes with the test. ok is false where this user may not
// mount: then Forgetful stands in for it.
func NewDisk(t testing.TB) (d *Disk, ok bool) {
	t.Helper()
	base := t.TempDir()
	d = &Disk{Dir: filepath.Join(base, "mounted"), image: filepath.Join(base, "image")}
	if err := os.Mkdir(d.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, 256<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", d.image).CombinedOutput(); err != nil {
		t.Logf("mkfs.ext4: %v %s", err, out)
		return nil, false
	}
	if err := d.mount(); err != nil {
		t.Logf("mount: %v", err)
		return nil, false
	}
	t.Cleanup(func() {
		if err := unix.Unmount(d.Dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return d, true
}

func (d *Disk) mount() error { return exec.Command("mount", "-o", "loop", d.image, d.Dir).Run() }

// Cut is a power cut: from this moment nothing reaches the disk, and what was not
// flushed never does. It kills what works there by gone, and mounts the disk again,
// as the machine does when it boots.
func (d *Disk) Cut(t testing.TB, gone func()) {
	t.Helper()
	f, err := os.Open(d.Dir)
	if err != nil {
		t.Fatal(err)
	}
	const (
		shutdown   = 0x8004587d // EXT4_IOC_SHUTDOWN
		noLogFlush = 2          // not even the journal
	)
	err = unix.IoctlSetPointerInt(int(f.Fd()), shutdown, noLogFlush)
	_ = f.Close()
	if err != nil {
		t.Fatalf("cut the power: %v", err)
	}
	gone()
	if err := unix.Unmount(d.Dir, 0); err != nil {
		t.Fatalf("unmount: %v", err)
	}
	if err := d.mount(); err != nil {
		t.Fatalf("mount again: %v", err)
	}
}
