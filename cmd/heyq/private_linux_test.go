package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestE2E_private: whatever heyq keeps on a machine is its user's alone, and a
// folder that every user may write to is refused.
func TestE2E_private(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir := filepath.Join(base, "data")
	environ := []string{"HEYQ_DIR=" + dir}
	environ = append(environ, "HEYQ_URL="+serve(t, nil, "API ", "up", "--dir", dir, "--addr", "127.0.0.1:0", "--render-time", "100ms"))
	powerVideos(t, environ)
	seen := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %04o", path, info.Mode().Perm())
		}
		seen++
		return nil
	})
	if err != nil || seen < 20 {
		t.Errorf("looked at %d files, %v", seen, err)
	}
	open := filepath.Join(base, "open")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	heyq(t, nil, "up", "--dir", open, "--addr", "127.0.0.1:0").want(t, 2, "everybody may write to the data folder", "chmod 700 "+open)
}
