package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heyq/internal/testkit"
)

// A file that is lost is told, fetched again for nothing, and the same as before.
func TestE2E_lost_files(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	simulator := serve(t, nil, "simulator at ", "simulator", "--addr", "127.0.0.1:0", "--render-time", "100ms")
	api := serve(t, []string{"HEYGEN_API_URL=" + simulator, "HEYGEN_API_KEY=any", "HEYQ_POLL_INTERVAL=100ms"},
		"API ", "up", "--dir", dir, "--addr", "127.0.0.1:0")
	environ := []string{"HEYQ_DIR=" + dir, "HEYQ_URL=" + api}
	made := powerVideos(t, environ)
	heyq(t, environ, "videos", "verify", "--all").wantOK(t).want(t, 0, "5 of 5 files are whole")
	// A new heyq runs the scheduled job soon after its start, which would have what
	// is lost fetched again. Its next run is a day away.
	testkit.Eventually(t, func() error {
		if o := heyq(t, environ, "schedule", "run", "files:verify", "--wait"); o.code != 0 {
			return &silent{"verified 5 files"} // that first run still waits
		}
		return nil
	})

	file := func(i int) string {
		found, _ := filepath.Glob(filepath.Join(dir, "media/videos", made[i].ID, "*", "video.mp4"))
		if len(found) == 0 {
			t.Fatalf("video %d has no file", i)
		}
		return found[len(found)-1]
	}
	for i, change := range []func(string) error{
		os.Remove,
		func(path string) error { return os.Truncate(path, 0) },
		func(path string) error {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content[len(content)/2] ^= 1
			return os.WriteFile(path, content, 0o600)
		},
	} {
		if err := change(file(i)); err != nil {
			t.Fatal(err)
		}
	}
	mine := filepath.Join(t.TempDir(), "mine.mp4")
	for _, v := range made[:2] {
		heyq(t, environ, "videos", "download", v.ID, "-o", mine).want(t, 3, v.ID, "download --again", "nothing is paid")
	}
	heyq(t, environ, "videos", "retry", made[0].ID).want(t, 4, "fetched again for nothing")
	heyq(t, environ, "videos", "verify", made[0].ID, made[3].ID).want(t, 4, "1 file is lost", "--refetch")
	heyq(t, environ, "videos", "verify", "--all").want(t, 4, "2 of 5 files are whole", "3 files are lost")
	heyq(t, environ, "videos", "verify").want(t, 2, "--all")

	heyq(t, environ, "videos", "download", "--again", made[0].ID, "-o", mine).wantOK(t)
	if got := sumOf(t, mine); got != made[0].File.SHA256 {
		t.Errorf("the file has the SHA-256 %s, want %s", got, made[0].File.SHA256)
	}
	heyq(t, environ, "videos", "verify", "--all", "--refetch").want(t, 4, "2 files are lost", "fetched again from HeyGen, for nothing")
	testkit.Eventually(t, func() error {
		if o := heyq(t, environ, "videos", "verify", "--all"); o.code != 0 || !strings.Contains(o.stdout, "5 of 5") {
			return &silent{"5 of 5 files are whole"}
		}
		return nil
	})
	wantVideos(t, environ, made)
	l, err := readLedger(t.Context(), simulator)
	if err != nil || len(l.Renders) != len(made) {
		t.Errorf("%d renders were billed, want %d (%v)", len(l.Renders), len(made), err)
	}
	heyq(t, environ, "schedule", "run", "files:verify", "--wait").wantOK(t).want(t, 0, "verified 5 files")
}
