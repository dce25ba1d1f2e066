package handlers

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"heyq/media"
	"heyq/store"
)

// longClip is a playable video that is large enough to be kept.
func longClip(t *testing.T) []byte {
	t.Helper()
	const free = 2 << 20
	box := append([]byte{0, free >> 16, 0, 0}, "free"...)
	return slices.Concat(clip(t), box, make([]byte, free-len(box)))
}

// cutting serves content with ranges and hangs up after a few bytes of each
// answer, until it is mended. It notes the ranges that it was asked for.
type cutting struct {
	content []byte

	mu     sync.Mutex
	mended bool
	ranges []string
}

func (c *cutting) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := r.Header.Get("Range")
	c.ranges = append(c.ranges, asked)
	from, _ := strconv.Atoi(strings.Trim(asked, "bytes=-"))
	rest := c.content[from:]
	w.Header().Set("ETag", `"a"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(rest)))
	if asked != "" {
		w.Header().Set("Content-Range", "bytes "+strconv.Itoa(from)+"-"+strconv.Itoa(len(c.content)-1)+"/"+strconv.Itoa(len(c.content)))
		w.WriteHeader(http.StatusPartialContent)
	}
	if c.mended {
		_, _ = w.Write(rest)
		return
	}
	_, _ = w.Write(rest[:len(rest)/10])
}

func (c *cutting) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mended, c.ranges = true, nil
}

// A later run of the same render goes on where an earlier one was cut off.
func TestDownloadVideo_goes_on_in_the_next_attempt(t *testing.T) {
	t.Parallel()
	file := &cutting{content: longClip(t)}
	web := newHost(t)
	web.files["/video"] = file.serve
	b := newBench(t, web)
	run := downloadRun(0)
	if e := b.downloadVideo(t.Context(), run, sendDeadline{}); e.To != store.Downloading {
		t.Fatalf("ended as %+v", e)
	}
	file.mend()
	run.Run, run.Attempt = 9, 1
	e := b.downloadVideo(t.Context(), run, sendDeadline{})
	if e.To != store.Completed || e.File.Bytes != int64(len(file.content)) {
		t.Fatalf("ended as %+v", e)
	}
	if len(file.ranges) != 1 || file.ranges[0] == "" {
		t.Errorf("the second attempt asked for %q", file.ranges)
	}
	compare(t, "in the spool", spooled(t, b), []string(nil))
}

// Another submission of the same video is another file.
func TestDownloadVideo_does_not_go_on_with_another_render(t *testing.T) {
	t.Parallel()
	first, second := downloadRun(0), downloadRun(0)
	second.Video, second.HeyGenID = first.Video, "another"
	if a, b := spoolName(first, media.VideoName), spoolName(second, media.VideoName); a == b {
		t.Errorf("both renders are fetched as %s", a)
	}
	second.HeyGenID = "../../etc/" + strings.Repeat("x", 300)
	name := spoolName(second, media.VideoName)
	if video, ok := videoOf(name); !ok || video != first.Video || strings.Contains(name, "/") {
		t.Errorf("%s is of %s", name, video)
	}
}

// What could not be published is not fetched again.
func TestDownloadVideo_publishes_later_what_it_could_not(t *testing.T) {
	t.Parallel()
	file := &cutting{content: longClip(t), mended: true}
	web := newHost(t)
	web.files["/video"] = file.serve
	b := newBench(t, web)
	blocked := filepath.Join(b.dir, "media", "videos") // a file where a folder must be, for any user
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run := downloadRun(0)
	if e := b.downloadVideo(t.Context(), run, sendDeadline{}); e.To != store.Downloading {
		t.Fatalf("ended as %+v", e)
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	file.mend()
	if e := b.downloadVideo(t.Context(), run, sendDeadline{}); e.To != store.Completed {
		t.Fatalf("ended as %+v", e)
	}
	compare(t, "ranges", file.ranges, []string{"bytes=" + strconv.Itoa(len(file.content)-1) + "-"})
	compare(t, "in the spool", spooled(t, b), []string(nil))
}

func TestSweepSpool_forgets_what_others_completed(t *testing.T) {
	t.Parallel()
	file := &cutting{content: longClip(t)}
	web := newHost(t)
	web.files["/video"] = file.serve
	s := prefixes{fakeStore: newFakeStore(), of: map[uuid.UUID]string{}}
	b := newBench(t, web, func(o *Options) { o.Store = s })
	waiting, completed, deleted := downloadRun(0), downloadRun(0), downloadRun(0)
	for _, run := range []store.Run{waiting, completed, deleted} {
		if e := b.downloadVideo(t.Context(), run, sendDeadline{}); e.To != store.Downloading {
			t.Fatalf("ended as %+v", e)
		}
	}
	s.of[waiting.Video], s.of[completed.Video] = "", "videos/"+completed.Video.String()+"/3/"
	removed, err := b.SweepSpool(t.Context())
	if err != nil || removed != 2 {
		t.Errorf("removed %d, err %v", removed, err)
	}
	kept, err := b.Media.Kept()
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "kept", kept, []string{spoolName(waiting, media.VideoName)})

	s.err = errAway
	b.Store = s
	if _, err := b.SweepSpool(t.Context()); err == nil {
		t.Error("the failure is nobody's")
	}
	if kept, err := b.Media.Kept(); err != nil || len(kept) != 1 {
		t.Errorf("kept %v, %v, while the store cannot say", kept, err)
	}
}

// spooled lists what is in the spool, but for its living owner's lock.
func spooled(t *testing.T, b *bench) (files []string) {
	t.Helper()
	for _, name := range filesUnder(t, filepath.Join(b.dir, "spool")) {
		if !strings.HasSuffix(name, ".lock") {
			files = append(files, name)
		}
	}
	return files
}
