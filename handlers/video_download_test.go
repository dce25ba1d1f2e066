package handlers

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"heyq/heygen"
	"heyq/jobs"
	"heyq/store"
)

// host is a HeyGen whose video "hey" can be told what to answer, and the host
// of its files.
type host struct {
	t  *testing.T
	mu sync.Mutex

	video  heygen.Video // links are paths on this host
	status int          // of GET /v3/videos/hey; 0: the video
	files  map[string]http.HandlerFunc
}

func newHost(t *testing.T) *host {
	h := &host{t: t, video: heygen.Video{ID: "hey", Status: heygen.StatusCompleted, VideoURL: "/video"}}
	h.files = map[string]http.HandlerFunc{"/video": serve(clip(t))}
	return h
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch file := h.files[r.URL.Path]; {
	case file != nil:
		file(w, r)
	case r.URL.Path != "/v3/videos/hey":
		h.t.Errorf("%s was asked for", r.URL)
	case h.status != 0:
		w.WriteHeader(h.status)
	default:
		v := h.video
		for _, link := range []*string{&v.VideoURL, &v.ThumbnailURL, &v.SubtitleURL} {
			if *link != "" {
				*link = "http://" + r.Host + *link
			}
		}
		answer(w, map[string]any{"data": v})
	}
}

// clip is a whole, playable video.
func clip(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile("../heygen/simulator/clip/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func serve(content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

// cut announces all of content and sends half of it.
func cut(content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content[:len(content)/2])
	}
}

func downloadRun(attempt int) store.Run {
	run := newRun(store.Downloading)
	run.HeyGenID, run.Run, run.Attempt = "hey", 7, attempt
	return run
}

func TestDownloadVideo(t *testing.T) {
	t.Parallel()
	again := outcomeOf{To: store.Downloading, Counts: true}
	done := outcomeOf{To: store.Completed}
	gaveUp := func(code string) outcomeOf { return outcomeOf{To: store.Failed, Code: code} }
	last := downloadAttempts - 1
	for _, c := range []struct {
		name    string
		attempt int
		change  func(*host)
		want    outcomeOf
	}{
		{"all well", 0, func(*host) {}, done},
		{"no link yet", 0, func(h *host) { h.video.VideoURL = "" }, again},
		{"no link to the end", last, func(h *host) { h.video.VideoURL = "" }, gaveUp("no_link")},
		{"still processing after all", 0, func(h *host) { h.video.Status, h.video.VideoURL = "processing", "" }, again},
		{"the link has expired", 0, func(h *host) { h.files["/video"] = status(403) }, again},
		{"the file is gone", 0, func(h *host) { h.files["/video"] = status(404) }, again},
		{"each link has expired", last, func(h *host) { h.files["/video"] = status(403) }, gaveUp("link_expired")},
		{"redirected to this machine", 0, func(h *host) { h.files["/video"] = redirect("/elsewhere") }, again},
		{"redirected to the end", last, func(h *host) { h.files["/video"] = redirect("/elsewhere") }, gaveUp("redirect_refused")},
		{"HTML instead of a video", 0, func(h *host) { h.files["/video"] = serve([]byte("<!doctype html><p>Sorry")) }, again},
		{"HTML to the end", last, func(h *host) { h.files["/video"] = serve([]byte("<!doctype html><p>Sorry")) }, gaveUp("not_playable")},
		{"an empty file", 0, func(h *host) { h.files["/video"] = serve(nil) }, again},
		{"cut on the way", 0, func(h *host) { h.files["/video"] = cut(clip(t)) }, again},
		{"cut before it was stored", last, func(h *host) { h.files["/video"] = serve(clip(t)[:len(clip(t))-100]) }, gaveUp("not_playable")},
		{"too large", 0, func(h *host) { h.files["/video"] = serve(slices.Concat(clip(t), make([]byte, 1<<20))) }, gaveUp("file_too_large")},
		{"unknown to HeyGen", 0, func(h *host) { h.status = 404 }, again},
		{"unknown to HeyGen for a while", 10, func(h *host) { h.status = 404 }, again},
		{"deleted at HeyGen", last, func(h *host) { h.status = 404 }, gaveUp("not_found")},
		{"the key is refused", 0, func(h *host) { h.status = 401 }, again},
		{
			"failed after all", deadAttempts,
			func(h *host) { h.video = heygen.Video{ID: "hey", Status: heygen.StatusFailed, FailureCode: "X"} },
			outcomeOf{To: store.Failed, Code: "render_failed", RenderDead: true},
		},
		{"no thumbnail, no captions", 0, func(h *host) {
			h.video.ThumbnailURL, h.video.SubtitleURL = "/t", "/s"
			h.files["/t"], h.files["/s"] = status(404), status(403)
		}, done},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			web := newHost(t)
			c.change(web)
			b := newBench(t, web, func(o *Options) { o.MaxVideoBytes = 1 << 20 })
			run := downloadRun(c.attempt)
			e := b.downloadVideo(t.Context(), run, sendDeadline{})
			compare(t, "outcome", outcome(e), c.want)
			compare(t, "fence", e.Fence, run.Fence)
			published := filesUnder(t, filepath.Join(b.dir, "media"))
			if e.To != store.Completed && len(published) > 0 {
				t.Errorf("published %v", published)
			}
			if left := parts(t, b.dir); len(left) > 0 {
				t.Errorf("left in the spool: %v", left)
			}
		})
	}
}

// outcomeOf is what matters of a download's End.
type outcomeOf struct {
	To         store.State
	Code       string
	RenderDead bool
	Counts     bool
}

func outcome(e store.End) outcomeOf {
	o := outcomeOf{To: e.To, RenderDead: e.RenderDead, Counts: e.Attempts == store.CountAttempt}
	if e.Failure != nil {
		o.Code = e.Failure.Code
	}
	return o
}

func TestDownloadVideo_takes_a_fresh_link_each_time(t *testing.T) {
	t.Parallel()
	web := newHost(t)
	web.video.VideoURL = "/expired"
	web.files["/expired"] = status(403)
	b := newBench(t, web)
	if e := b.downloadVideo(t.Context(), downloadRun(0), sendDeadline{}); e.To != store.Downloading {
		t.Fatalf("ended as %+v", e)
	}
	web.mu.Lock()
	web.video.VideoURL = "/video"
	web.mu.Unlock()
	if e := b.downloadVideo(t.Context(), downloadRun(1), sendDeadline{}); e.To != store.Completed {
		t.Errorf("ended as %+v", e)
	}
}

func TestDownloadVideo_publishes_what_belongs_together(t *testing.T) {
	t.Parallel()
	web := newHost(t)
	web.video.ThumbnailURL, web.video.SubtitleURL = "/t", "/s"
	web.files["/t"], web.files["/s"] = serve([]byte("JPEG")), serve([]byte("SRT"))
	b := newBench(t, web)
	run := downloadRun(0)
	run.Title, run.Description, run.Metadata = "Hello", "For Ada", map[string]string{"order": "7"}
	request, err := json.Marshal(jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1"})
	if err != nil {
		t.Fatal(err)
	}
	run.Request = request

	e := b.downloadVideo(t.Context(), run, sendDeadline{})
	prefix := "videos/" + run.Video.String() + "/7/"
	if e.To != store.Completed || e.MediaPrefix != prefix || e.File == nil || !e.File.Thumbnail || !e.File.Captions {
		t.Fatalf("ended as %+v", e)
	}
	compare(t, "files", filesUnder(t, filepath.Join(b.dir, "media")), []string{
		prefix + "captions.srt", prefix + "metadata.json", prefix + "script.txt", prefix + "thumbnail.jpg", prefix + "video.mp4",
	})
	read := func(name string) string {
		object, err := b.Media.Open(t.Context(), prefix+name)
		if err != nil {
			t.Fatal(err)
		}
		defer object.Close()
		content, err := io.ReadAll(object)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	compare(t, "video", len(read("video.mp4")), len(clip(t)))
	compare(t, "thumbnail", read("thumbnail.jpg"), "JPEG")
	compare(t, "captions", read("captions.srt"), "SRT")
	compare(t, "script", read("script.txt"), "Hello Ada\n")
	var about description
	if err := json.Unmarshal([]byte(read("metadata.json")), &about); err != nil {
		t.Fatal(err)
	}
	compare(t, "metadata", about, description{
		ID: run.Video.String(), Title: "Hello", Description: "For Ada", Metadata: run.Metadata, HeyGenID: "hey", CreatedAt: run.CreatedAt,
		Bytes: e.File.Bytes, SHA256: e.File.SHA256, Duration: e.File.Duration.Seconds(), Width: e.File.Width, Height: e.File.Height,
		VideoCodec: e.File.VideoCodec, AudioCodec: e.File.AudioCodec, BitRate: e.File.BitRate,
	})
}

func TestDownloadVideo_is_handed_back_when_its_context_ends(t *testing.T) {
	t.Parallel()
	b := newBench(t, newHost(t))
	run := downloadRun(downloadAttempts - 1)
	compare(t, "outcome", b.downloadVideo(endedContext(), run, sendDeadline{}), store.HandedBack(run))
}

// filesUnder lists the files below dir, by their paths from there.
func filesUnder(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return files
}

// A worker that shuts down while it fetches the thumbnail has not learned that
// there is none.
func TestDownloadVideo_hands_back_what_a_shutdown_cut_off_beside_it(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	web := newHost(t)
	web.video.ThumbnailURL = "/t"
	web.files["/t"] = func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}
	b := newBench(t, web)
	run := downloadRun(0)
	compare(t, "outcome", b.downloadVideo(ctx, run, sendDeadline{}), store.HandedBack(run))
	if published := filesUnder(t, filepath.Join(b.dir, "media")); len(published) > 0 {
		t.Errorf("published %v", published)
	}
}

func TestDownloadVideo_does_not_wait_for_what_stands_beside(t *testing.T) {
	t.Parallel()
	web := newHost(t)
	web.video.ThumbnailURL, web.video.SubtitleURL = "/t", "/s"
	hung := make(chan struct{})
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/t": // outside of the host's lock
			defer close(hung)
			<-r.Context().Done()
		default:
			web.ServeHTTP(w, r)
		}
	}))
	web.files["/s"] = serve([]byte("SRT"))
	b.assetTime = b.Policies.Timeout("assets", time.Second)
	e := b.downloadVideo(t.Context(), downloadRun(0), sendDeadline{})
	if e.To != store.Completed || e.File.Thumbnail || !e.File.Captions {
		t.Errorf("ended as %+v with %+v", e, e.File)
	}
	<-hung
	if left := parts(t, b.dir); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
}

// parts lists what lies in the spool, but for the lock of its living owner.
func parts(t *testing.T, dir string) []string {
	t.Helper()
	return slices.DeleteFunc(filesUnder(t, filepath.Join(dir, "spool")), func(name string) bool {
		return strings.HasSuffix(name, ".lock")
	})
}

// TestAssets_have_its_time: thumbnail and captions are waited for ten seconds, as the
// documentation says, and not a moment longer.
func TestAssets_have_its_time(t *testing.T) {
	t.Parallel()
	b := newBench(t, newHost(t))
	before := time.Now()
	err := b.assetTime.Do(t.Context(), func(ctx context.Context) error {
		until, ok := ctx.Deadline()
		if least, most := until.Sub(before), time.Until(until); !ok || least < 10*time.Second || most > 10*time.Second {
			t.Errorf("it ends between %s and %s from now, want 10 s", most, least)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
