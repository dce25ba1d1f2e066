package handlers

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"heyq/media"
	"heyq/store"
)

var fullDisk = flag.Bool("full-disk", false, "this process is alone and may limit the size of its files")

// TestDownloadVideo_survives_a_full_disk: a process of its own can write no more
// than a part of the video, until there is room again.
func TestDownloadVideo_survives_a_full_disk(t *testing.T) {
	t.Parallel()
	if !*fullDisk {
		out, err := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-full-disk").CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // or the first byte too many kills us
	b := newBench(t, newHost(t))
	restore := limitFiles(t, 32<<10)
	e := b.downloadVideo(t.Context(), downloadRun(0), sendDeadline{})
	restore()
	compare(t, "outcome", outcome(e), outcomeOf{To: store.Downloading, Counts: true})
	wantNothing(t, b.dir)
	wantVideo(t, b, clip(t))
}

// limitFiles lets this process write files of so many bytes.
func limitFiles(t *testing.T, bytes uint64) (restore func()) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	set := func(limit syscall.Rlimit) {
		t.Helper()
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	set(syscall.Rlimit{Cur: bytes, Max: before.Max})
	return func() { set(before) }
}

// A folder that only its owner may not write to does not stop root, so a file
// stands in the way instead.
func TestDownloadVideo_survives_a_folder_that_takes_nothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, newHost(t))
	obstacle := filepath.Join(b.dir, "media", "videos")
	if err := os.WriteFile(obstacle, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	e := b.downloadVideo(t.Context(), downloadRun(0), sendDeadline{})
	compare(t, "outcome", outcome(e), outcomeOf{To: store.Downloading, Counts: true})
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	wantNothing(t, b.dir)
	wantVideo(t, b, clip(t))
}

// s3 is a bucket that takes whole objects, and no videos while it is busy.
type s3 struct {
	mu      sync.Mutex
	busy    bool
	objects []string // by their names, in the order of their coming
}

func (s *s3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := path.Base(r.URL.Path)
	if s.busy && name == media.VideoName {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	s.objects = append(s.objects, name)
	w.Header().Set("ETag", `"x"`)
}

// take returns what came since it was last asked, and makes the bucket busy or
// not.
func (s *s3) take(busy bool) (objects []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	objects, s.objects, s.busy = s.objects, nil, busy
	return objects
}

func TestDownloadVideo_survives_a_busy_bucket(t *testing.T) {
	t.Parallel()
	bucket := &s3{busy: true}
	server := httptest.NewServer(bucket)
	t.Cleanup(server.Close)
	b := newBench(t, newHost(t))
	b.Media = newLibrary(t, b.dir, func(o *media.Options) {
		o.URL = "s3://shelf?region=us-east-1&anonymous=true&use_path_style=true&disable_https=true&endpoint=" + server.URL
	})
	e := b.downloadVideo(t.Context(), downloadRun(0), sendDeadline{})
	compare(t, "outcome", outcome(e), outcomeOf{To: store.Downloading, Counts: true})
	compare(t, "while it was busy", bucket.take(false), []string{metadataName, scriptName})
	wantVideo(t, b, clip(t))
	compare(t, "when it was not", bucket.take(false), []string{metadataName, scriptName, media.VideoName})
}
