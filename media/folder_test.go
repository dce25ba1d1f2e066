package media

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestPublish_across_file_systems: if a rename cannot reach, the file is
// copied, and the spooled one stays for its owner to remove.
func TestPublish_across_file_systems(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := Open(t.Context(), Options{URL: filepath.Join(dir, "media"), Spool: filepath.Join(dir, "spool")})
	if err != nil {
		t.Fatal(err)
	}
	l.shelf.(*folder).rename = func(from, to string) error {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: syscall.EXDEV}
	}
	spooled := filepath.Join(dir, "spool", "v.part")
	if err := os.WriteFile(spooled, []byte("video"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := l.Publish(t.Context(), "videos/v/1/", File{Name: VideoName, Path: spooled}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{spooled, filepath.Join(dir, "media/videos/v/1/video.mp4")} {
		data, err := os.ReadFile(path)
		if err != nil || string(data) != "video" {
			t.Errorf("%s: %q, %v", path, data, err)
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, "media/videos/v/1"))
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside it: %v, err %v", entries, err)
	}
}
