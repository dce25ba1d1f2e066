package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"heyq/media"
	"heyq/store"
)

// fileFault is a way in which a host serves a file badly. Requests count from 1.
type fileFault struct {
	name  string
	serve func(n int, w http.ResponseWriter, r *http.Request)

	// code is what a video fails with where each attempt ends so; empty: the first
	// attempt overcomes it.
	code  string
	final bool // no attempt follows by itself
}

func fileFaults(movie []byte) []fileFault {
	half := len(movie) / 2
	announce := func(w http.ResponseWriter) {
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(movie)))
	}
	whole := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"a"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(movie))
	}
	hangUp := func(w http.ResponseWriter) {
		announce(w)
		_, _ = w.Write(movie[:half])
		panic(http.ErrAbortHandler)
	}
	return []fileFault{
		{name: "truncated, its length told, once", serve: func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				hangUp(w)
			}
			whole(w, r)
		}},
		{name: "truncated, its length told", code: "download_failed", serve: func(_ int, w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Range")
			hangUp(w)
		}},
		{name: "truncated, a wrong length told", code: "not_playable", serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(half))
			_, _ = w.Write(movie[:half])
		}},
		{name: "truncated, no length told", code: "not_playable", serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(movie[:half])
		}},
		{name: "cut, by a host without Range", serve: func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				hangUp(w)
			}
			announce(w)
			_, _ = w.Write(movie)
		}},
		{name: "Range answered with 200", serve: func(n int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Accept-Ranges", "bytes")
			if n == 1 {
				hangUp(w)
			}
			announce(w)
			_, _ = w.Write(movie)
		}},
		{name: "a wrong Content-Range", serve: func(n int, w http.ResponseWriter, r *http.Request) {
			switch n {
			case 1:
				hangUp(w)
			case 2:
				w.Header().Set("ETag", `"a"`)
				w.Header().Set("Content-Range", fmt.Sprintf("bytes 7-%d/%d", len(movie)-1, len(movie)))
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(movie[7:])
			default:
				whole(w, r)
			}
		}},
		{name: "an expired link", code: "link_expired", serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
		}},
		{name: "expired on the way", code: "link_expired", serve: func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				hangUp(w)
			}
			w.WriteHeader(http.StatusForbidden)
		}},
		{name: "not there yet", code: "link_expired", serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
		}},
		{name: "HTML", code: "not_playable", serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<!doctype html><p>One moment, please"))
		}},
		{name: "a flipped bit", code: "corrupted", serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			sum := sha256.Sum256(movie)
			w.Header().Set("X-Amz-Checksum-Sha256", base64.StdEncoding.EncodeToString(sum[:]))
			flipped := bytes.Clone(movie)
			flipped[len(movie)-100] ^= 1
			_, _ = w.Write(flipped)
		}},
		{name: "a byte now and then", code: "download_failed", serve: func(_ int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(movie)))
			ticker := time.NewTicker(20 * time.Millisecond)
			defer ticker.Stop()
			for i := range movie {
				select {
				case <-r.Context().Done():
					return
				case <-ticker.C:
					_, _ = w.Write(movie[i : i+1])
					w.(http.Flusher).Flush()
				}
			}
		}},
		{name: "an endless body", code: "file_too_large", final: true, serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			for _, err := w.Write(movie); err == nil; {
				_, err = w.Write(make([]byte, 64<<10))
			}
		}},
		{name: "a redirect to a private address", code: "redirect_refused", serve: func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		}},
	}
}

// TestDownloadVideo_survives_bad_hosts: whatever the host does, an attempt ends
// with the whole video or with nothing, and the next one can succeed.
func TestDownloadVideo_survives_bad_hosts(t *testing.T) {
	t.Parallel()
	movie := clip(t)
	for _, fault := range fileFaults(movie) {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			web := newHost(t)
			b := newBench(t, web, func(o *Options) { o.MaxVideoBytes = 1 << 20 })
			b.Media = newLibrary(t, b.dir, func(o *media.Options) { o.Stall = 500 * time.Millisecond })
			badly := func() {
				requests := 0 // under the host's lock
				web.serve("/video", func(w http.ResponseWriter, r *http.Request) {
					requests++
					fault.serve(requests, w, r)
				})
			}
			if fault.code != "" {
				badly()
				want := outcomeOf{To: store.Downloading, Counts: true}
				if fault.final {
					want = outcomeOf{To: store.Failed, Code: fault.code}
				}
				compare(t, "the first attempt", outcome(b.downloadVideo(t.Context(), downloadRun(0), sendDeadline{})), want)
				badly()
				compare(t, "the last attempt", outcome(b.downloadVideo(t.Context(), downloadRun(downloadAttempts-1), sendDeadline{})),
					outcomeOf{To: store.Failed, Code: fault.code})
				wantNothing(t, b.dir)
				web.serve("/video", serve(movie))
			} else {
				badly()
			}
			wantVideo(t, b, movie)
		})
	}
}

// serve changes what a path serves.
func (h *host) serve(path string, file http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.files[path] = file
}

// wantVideo lets one attempt succeed.
func wantVideo(t *testing.T, b *bench, movie []byte) {
	t.Helper()
	run := downloadRun(1)
	run.Run = 8
	e := b.downloadVideo(t.Context(), run, sendDeadline{})
	if e.To != store.Completed {
		t.Fatalf("ended as %+v, %+v", e, e.Failure)
	}
	compare(t, "SHA-256", e.File.SHA256, fmt.Sprintf("%x", sha256.Sum256(movie)))
	if left := parts(t, b.dir); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
}

// wantNothing finds no published file, and nothing in the spool.
func wantNothing(t *testing.T, dir string) {
	t.Helper()
	if left := parts(t, dir); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
	if published := filesUnder(t, filepath.Join(dir, "media")); len(published) > 0 {
		t.Errorf("published %v", published)
	}
}
