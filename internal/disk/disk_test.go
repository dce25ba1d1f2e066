package disk_test

import (
	"path/filepath"
	"testing"

	"heyq/internal/disk"
)

func TestAt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there, err := disk.At(dir)
	if err != nil || there.Free <= 0 || there.Total < there.Free {
		t.Fatalf("got %+v, %v", there, err)
	}
	// A folder that heyq has not made yet is where its parent is.
	missing, err := disk.At(filepath.Join(dir, "heyq-data", "media"))
	if err != nil || missing.Total != there.Total {
		t.Errorf("got %+v, %v; want the room of its parent", missing, err)
	}
	if got := disk.Existing(filepath.Join(dir, "a", "b")); got != dir {
		t.Errorf("got %s, want %s", got, dir)
	}
}
