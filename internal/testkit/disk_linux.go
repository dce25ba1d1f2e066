package testkit

import (
	"path/filepath"
	"testing"

	"heyq/internal/testservers"
)

// Disk is a file system of its own whose power can be cut.
type Disk struct{ *testservers.Disk }

// NewDisk makes one, which goes with the test. ok is false if this user may not
// mount: then Forgetful stands in for it.
func NewDisk(t testing.TB) (d *Disk, ok bool) {
	t.Helper()
	disk, err := testservers.NewDisk(t.Context(), filepath.Join(t.TempDir(), "image"), 256<<20)
	if err != nil {
		t.Log(err)
		return nil, false
	}
	t.Cleanup(func() {
		if err := disk.Close(); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return &Disk{disk}, true
}

// Cut is testservers.Disk's.
func (d *Disk) Cut(t testing.TB, gone func()) {
	t.Helper()
	if err := d.Disk.Cut(gone); err != nil {
		t.Fatal(err)
	}
}
