package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heyq/media"
)

// content is n bytes that do not repeat.
func content(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	return data
}

// host serves requests by their number, from 1.
func host(t testing.TB, h func(n int, w http.ResponseWriter, r *http.Request)) (link string, requests *atomic.Int32) {
	t.Helper()
	requests = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h(int(requests.Add(1)), w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/video.mp4?signature=secret", requests
}

// cut announces all of data, sends a part of it and hangs up.
func cut(w http.ResponseWriter, data []byte, at int) {
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data[:at])
	panic(http.ErrAbortHandler)
}

func TestFetch_resumes(t *testing.T) {
	t.Parallel()
	data := content(300_000)
	other := content(310_000)[5000:]
	serve := func(w http.ResponseWriter, r *http.Request, data []byte, etag string) {
		w.Header().Set("ETag", etag)
		http.ServeContent(w, r, "video.mp4", time.Time{}, bytes.NewReader(data))
	}
	for _, c := range []struct {
		name     string
		host     func(n int, w http.ResponseWriter, r *http.Request)
		want     []byte
		requests int32
	}{
		{"nothing to resume", func(_ int, w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" || r.Header.Get("Accept-Encoding") != "identity" {
				t.Errorf("asked with %v", r.Header)
			}
			serve(w, r, data, `"a"`)
		}, data, 1},
		{"cut half way", func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"a"`)
			if n == 1 {
				cut(w, data, 150_000)
			}
			if r.Header.Get("If-Range") != `"a"` || !strings.HasPrefix(r.Header.Get("Range"), "bytes=") {
				t.Errorf("asked with %v", r.Header)
			}
			serve(w, r, data, `"a"`)
		}, data, 2},
		{"cut again and again", func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 5 {
				serve(w, r, data, `"a"`)
				return
			}
			w.Header().Set("ETag", `"a"`)
			var from int
			if n > 1 {
				_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
				w.Header().Set("Content-Length", strconv.Itoa(len(data)-from))
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(data[from : from+50_000])
				panic(http.ErrAbortHandler)
			}
			cut(w, data, 50_000)
		}, data, 5},
		{"by the time of its last change", func(n int, w http.ResponseWriter, r *http.Request) {
			changed := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
			w.Header().Set("Last-Modified", changed.Format(http.TimeFormat))
			if n == 1 {
				cut(w, data, 150_000)
			}
			if r.Header.Get("Range") == "" {
				t.Error("asked for all of it")
			}
			http.ServeContent(w, r, "", changed, bytes.NewReader(data))
		}, data, 2},
		{"the file changed meanwhile", func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				w.Header().Set("ETag", `"a"`)
				cut(w, data, 150_000)
			}
			serve(w, r, other, `"b"`)
		}, other, 2},
		{"a host without ranges", func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"a"`)
			if n == 1 {
				cut(w, data, 150_000)
			}
			_, _ = w.Write(data)
		}, data, 2},
		{"a weak ETag proves nothing", func(n int, w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				t.Errorf("asked with %v", r.Header)
			}
			w.Header().Set("ETag", `W/"a"`)
			w.Header().Set("Last-Modified", time.Now().Format(http.TimeFormat))
			if n == 1 {
				cut(w, data, 150_000)
			}
			_, _ = w.Write(data)
		}, data, 2},
		{"a wrong range", func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"a"`)
			switch n {
			case 1:
				cut(w, data, 150_000)
			case 2:
				w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(data)-1, len(data)))
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(data)
			default:
				serve(w, r, data, `"a"`)
			}
		}, data, 3},
		{"a range of a file that changed", func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				w.Header().Set("ETag", `"a"`)
				cut(w, data, 150_000)
			}
			r.Header.Del("If-Range")
			serve(w, r, other[:300_000], `"b"`)
		}, other[:300_000], 3},
		{"a range that is not there", func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"a"`)
			switch n {
			case 1:
				cut(w, data, 150_000)
			case 2:
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			default:
				serve(w, r, data, `"a"`)
			}
		}, data, 3},
		{"a host that stumbles", func(n int, w http.ResponseWriter, r *http.Request) {
			if n < 3 {
				w.WriteHeader([]int{503, 429}[n-1])
				return
			}
			serve(w, r, data, `"a"`)
		}, data, 3},
		{"a length that is not told", func(n int, w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(data[:100_000])
			if n == 1 {
				panic(http.ErrAbortHandler)
			}
			_, _ = w.Write(data[100_000:])
		}, data, 2},
		{"an empty file", func(int, http.ResponseWriter, *http.Request) {}, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, _ := newLibrary(t)
			link, requests := host(t, c.host)
			got, err := l.Fetch(t.Context(), media.Source{URL: link})
			if err != nil {
				t.Fatal(err)
			}
			onDisk, err := os.ReadFile(got.Path)
			if err != nil || !bytes.Equal(onDisk, c.want) {
				t.Errorf("%d bytes on disk, err %v, want %d", len(onDisk), err, len(c.want))
			}
			if got.Bytes != int64(len(c.want)) || got.SHA256 != hexSum(c.want) {
				t.Errorf("got %d bytes, sum %s; want %d, %s", got.Bytes, got.SHA256, len(c.want), hexSum(c.want))
			}
			if n := requests.Load(); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
		})
	}
}

func TestFetch_fails(t *testing.T) {
	t.Parallel()
	data := content(300_000)
	status := func(code int) func(int, http.ResponseWriter, *http.Request) {
		return func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for _, c := range []struct {
		name     string
		host     func(n int, w http.ResponseWriter, r *http.Request)
		want     error // nil: any other
		requests int32
	}{
		{"expired 401", status(401), media.ErrLinkExpired, 1},
		{"expired 403", status(403), media.ErrLinkExpired, 1},
		{"not there 404", status(404), media.ErrLinkExpired, 1},
		{"gone 410", status(410), media.ErrLinkExpired, 1},
		{"a request that is refused", status(400), nil, 1},
		{"a host that stays broken", status(500), nil, 5},
		{"expired between two requests", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("ETag", `"a"`)
				cut(w, data, 1000)
			}
			w.WriteHeader(403)
		}, media.ErrLinkExpired, 2},
		{"announced too large", func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000001")
			w.WriteHeader(200)
		}, media.ErrTooLarge, 1},
		{"endless", func(_ int, w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(data); err != nil {
					return
				}
			}
		}, media.ErrTooLarge, 1},
		{"always cut at the same place", func(_ int, w http.ResponseWriter, _ *http.Request) { cut(w, data, 1000) }, nil, 5},
		{"a partial answer to a whole question", func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 0-9/10")
			w.WriteHeader(206)
		}, nil, 1},
		{"redirected into the network", func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://10.255.255.1/", http.StatusFound)
		}, media.ErrRedirectRefused, 1},
		{"redirected to the cloud's own address", func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		}, media.ErrRedirectRefused, 1},
		{"redirected to itself, which is private", func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/", http.StatusFound)
		}, media.ErrRedirectRefused, 1},
		{"redirected to a name of this machine", func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://localhost:1/", http.StatusFound)
		}, media.ErrRedirectRefused, 1},
		{"redirected off the web", func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, media.ErrRedirectRefused, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, o := newLibrary(t)
			link, requests := host(t, c.host)
			_, err := l.Fetch(t.Context(), media.Source{URL: link, MaxBytes: 1_000_000})
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if c.want == nil && (errors.Is(err, media.ErrLinkExpired) || errors.Is(err, media.ErrTooLarge)) {
				t.Errorf("got %v", err)
			}
			if strings.Contains(fmt.Sprint(err), "secret") {
				t.Errorf("the error shows the link: %v", err)
			}
			if n := requests.Load(); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			if left := filesIn(t, o.Spool); len(left) > 0 {
				t.Errorf("left in the spool: %v", left)
			}
		})
	}
}

func TestFetch_does_not_wait_for_a_host_that_stalls(t *testing.T) {
	t.Parallel()
	data := content(200_000)
	for name, slow := range map[string]func(w http.ResponseWriter, r *http.Request){
		"no answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a body that stops": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(data)))
			_, _ = w.Write(data[:100_000])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"a trickle": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(data)))
			ticker := time.NewTicker(5 * time.Millisecond)
			defer ticker.Stop()
			for i := 0; ; i++ {
				select {
				case <-r.Context().Done():
					return
				case <-ticker.C:
					_, _ = w.Write(data[i : i+1])
					w.(http.Flusher).Flush()
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := newLibrary(t, func(o *media.Options) { o.Stall = time.Second })
			link, requests := host(t, func(n int, w http.ResponseWriter, r *http.Request) {
				if n == 1 {
					slow(w, r)
					return
				}
				_, _ = w.Write(data)
			})
			got, err := l.Fetch(t.Context(), media.Source{URL: link})
			if err != nil || got.SHA256 != hexSum(data) || requests.Load() != 2 {
				t.Errorf("%d requests, err %v", requests.Load(), err)
			}
		})
	}
}

func TestFetch_ends_with_its_context(t *testing.T) {
	t.Parallel()
	l, o := newLibrary(t)
	ctx, cancel := context.WithCancel(t.Context())
	link, requests := host(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("begun"))
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	_, err := l.Fetch(ctx, media.Source{URL: link})
	if !errors.Is(err, context.Canceled) || requests.Load() != 1 {
		t.Errorf("%d requests, err %v", requests.Load(), err)
	}
	if left := filesIn(t, o.Spool); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
}

// TestFetch_of_a_large_file_takes_no_memory: a stream of 64 MiB costs less than
// one MiB of allocations, all of them together.
func TestFetch_of_a_large_file_takes_no_memory(t *testing.T) {
	block := content(1 << 20)
	link, _ := host(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(64<<20))
		for range 64 {
			_, _ = w.Write(block)
		}
	})
	l, _ := newLibrary(t)
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			got, err := l.Fetch(t.Context(), media.Source{URL: link})
			if err != nil || got.Bytes != 64<<20 {
				b.Fatalf("got %+v, %v", got, err)
			}
			if err := got.Remove(); err != nil {
				b.Fatal(err)
			}
		}
	})
	if result.N == 0 || result.AllocedBytesPerOp() > 1<<20 {
		t.Errorf("%d bytes were allocated in each of %d runs", result.AllocedBytesPerOp(), result.N)
	}
}
