package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heyq/client"
	"heyq/internal/testkit"
	"heyq/store/transfer"
)

// TestE2E_power_cut cuts the power of an ext4 in the moment in which the last of
// some videos is told to be completed. What was told of is there afterwards: the
// rows, the files, the operator token, an export, and what somebody downloaded.
// If this user may not mount a disk, TestE2E_power_cut_forgets is all there is.
func TestE2E_power_cut(t *testing.T) {
	t.Parallel()
	disk, ok := testkit.NewDisk(t)
	if !ok {
		return
	}
	dir, addr := filepath.Join(disk.Dir, "new", "data"), freeAddr(t)
	environ := []string{"HEYQ_DIR=" + dir, "HEYQ_URL=http://" + addr}
	child := startHeyq(t, dir, addr)
	made := powerVideos(t, environ)
	mine, export := filepath.Join(disk.Dir, "mine.mp4"), filepath.Join(disk.Dir, "heyq.jsonl")
	heyq(t, environ, "videos", "download", made[0].ID, "-o", mine).wantOK(t)
	heyq(t, environ, "export", "--out", export).wantOK(t)
	disk.Cut(t, child.kill)

	startHeyq(t, dir, addr)
	wantVideos(t, environ, made)
	if got := sumOf(t, mine); got != made[0].File.SHA256 {
		t.Errorf("the downloaded file has the SHA-256 %s", got)
	}
	wantArchive(t, export)
}

// TestE2E_power_cut_forgets is the same on a folder that keeps what was flushed and
// no more, without a restart: SQLite flushes by itself, which is not seen here.
func TestE2E_power_cut_forgets(t *testing.T) {
	base := t.TempDir()
	power := testkit.NewForgetful(t, base)
	dir := filepath.Join(base, "new", "data")
	environ := []string{"HEYQ_DIR=" + dir}
	environ = append(environ, "HEYQ_URL="+serve(t, nil, "API ", "up", "--dir", dir, "--addr", "127.0.0.1:0", "--render-time", "100ms"))
	made := powerVideos(t, environ)
	mine, export := filepath.Join(base, "mine.mp4"), filepath.Join(base, "heyq.jsonl")
	heyq(t, environ, "videos", "download", made[0].ID, "-o", mine).wantOK(t)
	heyq(t, environ, "export", "--out", export).wantOK(t)
	after := power.Cut(t)
	for _, v := range made {
		found, _ := filepath.Glob(filepath.Join(after, "new/data/media/videos", v.ID, "*", "video.mp4"))
		if len(found) != 1 || sumOf(t, found[0]) != v.File.SHA256 {
			t.Errorf("of the file of %s there is left: %v", v.ID, found)
		}
	}
	if got := sumOf(t, filepath.Join(after, "mine.mp4")); got != made[0].File.SHA256 {
		t.Errorf("the downloaded file has the SHA-256 %s", got)
	}
	wantArchive(t, filepath.Join(after, "heyq.jsonl"))
	for _, name := range []string{"operator-token", "media/heyq-installation.json"} {
		if before, now := sumOf(t, filepath.Join(dir, name)), sumOf(t, filepath.Join(after, "new/data", name)); before != now {
			t.Errorf("%s is another one", name)
		}
	}
}

// powerVideos makes some videos and returns them in the moment in which all are
// completed.
func powerVideos(t *testing.T, environ []string) []client.Video {
	t.Helper()
	const videos = 5
	heyq(t, environ, "videos", "import", "--yes", writeCSV(t, "title,script,avatar_id,voice_id\n"+
		strings.Repeat("Hello,Hello there,avatar_1,voice_1\n", videos))).wantOK(t)
	testkit.Eventually(t, func() error {
		if n := countCompleted(t, environ); n < videos {
			return fmt.Errorf("%d of %d are completed", n, videos)
		}
		return nil
	})
	list := decode[struct{ Videos []client.Video }](t, heyq(t, environ, "videos", "list", "--json").wantOK(t)).Videos
	if len(list) != videos {
		t.Fatalf("there are %d videos", len(list))
	}
	return list
}

// wantVideos asks a heyq for the file of each.
func wantVideos(t *testing.T, environ []string, made []client.Video) {
	t.Helper()
	for _, v := range made {
		path := filepath.Join(t.TempDir(), "video.mp4")
		heyq(t, environ, "videos", "download", v.ID, "-o", path).wantOK(t)
		if got := sumOf(t, path); got != v.File.SHA256 {
			t.Errorf("%s has the SHA-256 %s, want %s", v.ID, got, v.File.SHA256)
		}
	}
}

// wantArchive reads the last line of an export, which vouches for all before it.
func wantArchive(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	end := bytes.LastIndexByte(bytes.TrimRight(content, "\n"), '\n') + 1
	var trailer transfer.Trailer
	if err := json.Unmarshal(content[end:], &trailer); err != nil {
		t.Fatalf("the export has %d bytes, and no trailer: %v", len(content), err)
	}
	if sum := sha256.Sum256(content[:end]); hex.EncodeToString(sum[:]) != trailer.SHA256 {
		t.Errorf("the export has the SHA-256 %x, want %s", sum, trailer.SHA256)
	}
}

func sumOf(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
