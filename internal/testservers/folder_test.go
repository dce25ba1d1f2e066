package testservers

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPrivateDir_sweeps_what_a_killed_process_left(t *testing.T) {
	t.Setenv("TMPDIR", shortDir(t))
	orphan, owned, young := mustDir(t), mustDir(t), mustDir(t)
	orphan.lock.Unlock()
	young.lock.Unlock()
	for _, f := range []*folder{orphan, owned} {
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(filepath.Join(f.path, ".lock"), old, old); err != nil {
			t.Fatal(err)
		}
	}

	mustDir(t)
	for f, want := range map[*folder]bool{orphan: false, owned: true, young: true} {
		if _, err := os.Stat(f.path); (err == nil) != want {
			t.Errorf("%s: there is %v, want %v", f.path, err == nil, want)
		}
	}
}

func TestShortTempDir_leaves_room_for_a_socket(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/"+"a-folder-that-is-named-at-great-length-for-no-reason")
	if got := shortTempDir(); got != "/tmp" {
		t.Errorf("got %s, want /tmp", got)
	}
}

func mustDir(t *testing.T) *folder {
	t.Helper()
	f, err := privateDir("test", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.remove)
	return f
}

// shortDir is t.TempDir under a name that privateDir does not find too long.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "testkit-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
