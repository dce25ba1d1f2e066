package media_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/testkit"
	"heyq/media"
)

// film is the host of a large file that can be told to fail. It notes what it was
// asked for.
type film struct {
	data, etag string
	status     int         // 0: as asked
	head       http.Header // more of it
	cutAt      int         // hang up there; 0: never
	stallAt    int         // send no more from there
	ignores    bool        // If-Range

	mu     sync.Mutex
	ranges []string
}

const filmSize = 3 << 20

func newFilm() *film { return &film{data: string(content(filmSize)), etag: `"a"`} }

func (f *film) ServeHTTP(_ int, w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.ranges = append(f.ranges, r.Header.Get("Range"))
	status, etag, data, cutAt, stallAt := f.status, f.etag, f.data, f.cutAt, f.stallAt
	if f.ignores {
		r.Header.Del("If-Range")
	}
	for key := range f.head {
		w.Header().Set(key, f.head.Get(key))
	}
	f.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("ETag", etag)
	w = &curtain{ResponseWriter: w, r: r, cutAt: cutAt, stallAt: stallAt}
	http.ServeContent(w, r, "video.mp4", time.Time{}, strings.NewReader(data))
}

// asked are the ranges of all requests, in their order.
func (f *film) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ranges
}

func (f *film) set(change func(*film)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
	f.ranges = nil
}

// curtain falls on an answer when so many bytes of it are sent.
type curtain struct {
	http.ResponseWriter
	r              *http.Request
	sent           int
	cutAt, stallAt int
}

func (c *curtain) Write(p []byte) (int, error) {
	end := max(c.cutAt, c.stallAt)
	if end == 0 || c.sent+len(p) <= end {
		c.sent += len(p)
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:end-c.sent])
	c.ResponseWriter.(http.Flusher).Flush()
	if c.stallAt > 0 {
		<-c.r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

// parts lists what is in the spool, by kind of place: "kept" or "own".
func parts(t testing.TB, spool string) (found []string) {
	t.Helper()
	for _, file := range filesIn(t, spool) {
		place := "own"
		if strings.HasPrefix(file, "kept/") {
			place = "kept"
		}
		found = append(found, place+filepath.Ext(file))
	}
	return found
}

func wholeFilm(t testing.TB, got *media.Spooled, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatalf("fetch: %v", err)
	}
	onDisk, err := os.ReadFile(got.Path)
	if err != nil || string(onDisk) != want || got.Bytes != int64(len(want)) || got.SHA256 != hexSum([]byte(want)) {
		t.Errorf("%d bytes on disk, err %v, %+v", len(onDisk), err, got)
	}
	if err := got.Remove(); err != nil {
		t.Error(err)
	}
}

// TestFetch_goes_on_after_a_kill is the real thing: this test's own program, run
// again as the process that dies.
func TestFetch_goes_on_after_a_kill(t *testing.T) {
	t.Parallel()
	const child = "MEDIA_TEST_LINK_AND_SPOOL"
	if link, spool, ok := strings.Cut(os.Getenv(child), "|"); ok {
		l, err := media.Open(t.Context(), media.Options{URL: t.TempDir(), Spool: spool, Private: anywhere})
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Fetch(t.Context(), media.Source{URL: link, Name: "v", Keep: true})
		t.Fatalf("fetched: %v", err)
	}
	f := newFilm()
	f.stallAt = 2 << 20
	link, _ := host(t, f.ServeHTTP)
	l, o := newLibrary(t)
	victim := exec.Command(os.Args[0], "-test.run=^TestFetch_goes_on_after_a_kill$")
	victim.Env = append(os.Environ(), child+"="+link+"|"+o.Spool)
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = victim.Process.Kill() })
	grows(t, o.Spool, f64K(f.stallAt))
	f.set(func(f *film) { f.stallAt = 0 })

	// While it lives, its part is its own.
	got, err := l.Fetch(t.Context(), media.Source{URL: link, Name: "v", Keep: true})
	wholeFilm(t, got, err, f.data)
	if diff := cmp.Diff([]string{""}, f.asked()); diff != "" {
		t.Errorf("beside a living one (-want +got):\n%s", diff)
	}

	_ = victim.Process.Kill()
	_ = victim.Wait()
	next, err := media.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	f.set(func(*film) {})
	got, err = next.Fetch(t.Context(), media.Source{URL: link + "&fresh", Name: "v", Keep: true})
	wholeFilm(t, got, err, f.data)
	if asked := f.asked(); len(asked) != 1 || asked[0] != fmt.Sprintf("bytes=%d-", f64K(2<<20)-1) {
		t.Errorf("after the kill it asked for %q", asked)
	}
	if left := parts(t, o.Spool); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
}

// f64K is how much of n bytes is written when the rest does not come: buffers are
// written when they are full.
func f64K(n int) int64 { return int64(n &^ (64<<10 - 1)) }

func TestFetch_keeps_what_broke_off(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		first func(f *film) // how the host fails the first Fetch
		fetch func(t *testing.T, l *media.Library, spool string, src media.Source) error
		kept  bool
	}{
		{"cut each time", func(f *film) { f.cutAt = filmSize / 8 }, fetch, true},
		{"cancelled", func(f *film) { f.stallAt = 2 << 20 }, fetchFor(context.Canceled, nil), true},
		{"its lease is lost", func(f *film) { f.stallAt = 2 << 20 }, fetchFor(context.Canceled, errors.New("lost")), false},
		{"without an ETag", func(f *film) { f.cutAt, f.etag = 2<<20, "" }, fetch, false},
		{"with a weak ETag", func(f *film) { f.cutAt, f.etag = 2<<20, `W/"a"` }, fetch, false},
		{"small", func(f *film) { f.cutAt, f.data = 100_000, f.data[:1<<20-1] }, fetch, false},
		{"not to be kept", func(f *film) { f.cutAt = filmSize / 8 }, func(t *testing.T, l *media.Library, spool string, src media.Source) error {
			src.Keep = false
			return fetch(t, l, spool, src)
		}, false},
		{"too large", func(*film) {}, func(t *testing.T, l *media.Library, spool string, src media.Source) error {
			src.MaxBytes = filmSize - 1
			return fetch(t, l, spool, src)
		}, false},
		{"corrupted", func(f *film) {
			zeros := base64.StdEncoding.EncodeToString(make([]byte, 32))
			f.head = http.Header{"Repr-Digest": {"sha-256=:" + zeros + ":"}}
		}, fetch, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFilm()
			c.first(f)
			link, _ := host(t, f.ServeHTTP)
			l, o := newLibrary(t)
			src := media.Source{URL: link, Name: "v", Keep: true}
			if err := c.fetch(t, l, o.Spool, src); err == nil {
				t.Fatal("the first fetch did not fail")
			}
			var want []string
			if c.kept {
				want = []string{"kept.json", "kept.part"}
			}
			if diff := cmp.Diff(want, parts(t, o.Spool)); diff != "" {
				t.Errorf("left in the spool (-want +got):\n%s", diff)
			}
			f.set(func(f *film) { f.cutAt, f.stallAt, f.head = 0, 0, nil })
			got, err := l.Fetch(t.Context(), src)
			wholeFilm(t, got, err, f.data)
			if asked := f.asked(); len(asked) != 1 || strings.HasPrefix(asked[0], "bytes=") != c.kept {
				t.Errorf("the second fetch asked for %q", asked)
			}
			if left := parts(t, o.Spool); len(left) > 0 {
				t.Errorf("left after the second: %v", left)
			}
		})
	}
}

func fetch(t *testing.T, l *media.Library, _ string, src media.Source) error {
	_, err := l.Fetch(t.Context(), src)
	return err
}

// fetchFor ends the context with a cause while the host sends nothing more.
func fetchFor(want, cause error) func(*testing.T, *media.Library, string, media.Source) error {
	return func(t *testing.T, l *media.Library, spool string, src media.Source) error {
		ctx, cancel := context.WithCancelCause(t.Context())
		fetched := make(chan error)
		go func() {
			_, err := l.Fetch(ctx, src)
			fetched <- err
		}()
		grows(t, spool, f64K(2<<20))
		cancel(cause)
		err := <-fetched
		if !errors.Is(err, want) {
			t.Errorf("got %v", err)
		}
		return err
	}
}

// grows waits until a part has that size.
func grows(t *testing.T, spool string, size int64) {
	t.Helper()
	testkit.Eventually(t, func() error {
		found, err := filepath.Glob(filepath.Join(spool, "*/*/*.part"))
		for _, path := range found {
			if info, err := os.Stat(path); err == nil && info.Size() >= size {
				return nil
			}
		}
		return fmt.Errorf("the parts are small yet: %v, %w", found, err)
	})
}

// broken leaves a part of two MiB of the film in the spool of l.
func broken(t testing.TB, l *media.Library, f *film, src media.Source) {
	t.Helper()
	f.set(func(f *film) { f.cutAt = filmSize / 8 })
	if _, err := l.Fetch(t.Context(), src); err == nil {
		t.Fatal("the film was not cut")
	}
	f.set(func(f *film) { f.cutAt = 0 })
}

func TestFetch_of_what_was_kept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		change   func(f *film) // at the host, in between
		requests int
		ranged   bool // the first of them
	}{
		{"the same file", func(*film) {}, 1, true},
		{"another file", func(f *film) { f.data, f.etag = "another"+f.data[7:], `"b"` }, 1, true},
		{"another size", func(f *film) { f.data, f.etag = f.data[:2<<20], `"b"` }, 1, true},
		{"another, from a host that knows no If-Range", func(f *film) { f.ignores, f.data, f.etag = true, "another"+f.data[7:], `"b"` }, 2, true},
		{"a smaller, from such a host", func(f *film) { f.ignores, f.data, f.etag = true, f.data[:1<<20], `"b"` }, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFilm()
			link, _ := host(t, f.ServeHTTP)
			l, o := newLibrary(t)
			src := media.Source{URL: link, Name: "v", Keep: true}
			broken(t, l, f, src)
			f.set(c.change)
			got, err := l.Fetch(t.Context(), src)
			wholeFilm(t, got, err, f.data)
			if asked := f.asked(); len(asked) != c.requests || strings.HasPrefix(asked[0], "bytes=") != c.ranged {
				t.Errorf("asked for %q", asked)
			}
			if left := parts(t, o.Spool); len(left) > 0 {
				t.Errorf("left in the spool: %v", left)
			}
		})
	}
}

// TestFetch_refreshes_an_expired_link: what came by the old link is not fetched
// by the fresh one again.
func TestFetch_refreshes_an_expired_link(t *testing.T) {
	t.Parallel()
	f := newFilm()
	link, _ := host(t, f.ServeHTTP)
	l, _ := newLibrary(t)
	src := media.Source{URL: link, Name: "v", Keep: true}
	broken(t, l, f, src)
	f.set(func(f *film) { f.status = http.StatusForbidden })
	for range 3 {
		if _, err := l.Fetch(t.Context(), src); !errors.Is(err, media.ErrLinkExpired) {
			t.Fatalf("got %v", err)
		}
	}
	f.set(func(f *film) { f.status = 0 })
	got, err := l.Fetch(t.Context(), src)
	wholeFilm(t, got, err, f.data)
	if asked := f.asked(); len(asked) != 1 || !strings.HasPrefix(asked[0], "bytes=1") {
		t.Errorf("asked for %q", asked)
	}
}

// TestFetch_twice_at_once: two runs of one video never write to one file, and one
// of them has what was kept.
func TestFetch_twice_at_once(t *testing.T) {
	t.Parallel()
	f := newFilm()
	link, _ := host(t, f.ServeHTTP)
	l, o := newLibrary(t)
	peer, err := media.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	src := media.Source{URL: link, Name: "v", Keep: true}
	broken(t, l, f, src)
	results := make([]*media.Spooled, 8)
	errs := make([]error, len(results))
	var all sync.WaitGroup
	for i := range results {
		library := []*media.Library{l, peer}[i%2]
		all.Go(func() { results[i], errs[i] = library.Fetch(t.Context(), src) })
	}
	all.Wait()
	paths := map[string]bool{}
	for i, got := range results {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		paths[got.Path] = true
		wholeFilm(t, got, nil, f.data)
	}
	ranged := 0
	for _, r := range f.asked() {
		if r != "" {
			ranged++
		}
	}
	if len(paths) != len(results) || ranged != 1 {
		t.Errorf("%d files for %d downloads, %d of them went on", len(paths), len(results), ranged)
	}
	if left := parts(t, o.Spool); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
}

// TestKeep: a file that could not be published costs the next attempt one byte.
func TestKeep(t *testing.T) {
	t.Parallel()
	f := newFilm()
	link, _ := host(t, f.ServeHTTP)
	l, o := newLibrary(t)
	src := media.Source{URL: link, Name: "v", Keep: true}
	got, err := l.Fetch(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Keep(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	if names, err := l.Kept(); err != nil || !cmp.Equal(names, []string{"v"}) {
		t.Errorf("kept %v, %v", names, err)
	}
	f.set(func(*film) {})
	got, err = l.Fetch(t.Context(), src)
	wholeFilm(t, got, err, f.data)
	if diff := cmp.Diff([]string{fmt.Sprintf("bytes=%d-", filmSize-1)}, f.asked()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	broken(t, l, f, src)
	if err := l.Forget("v"); err != nil {
		t.Fatal(err)
	}
	if left := parts(t, o.Spool); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
	if err := l.Forget("../v"); err == nil {
		t.Error("a name that leads elsewhere was forgotten")
	}
}

func TestSweepSpool_bounds_what_is_kept(t *testing.T) {
	t.Parallel()
	f := newFilm()
	link, _ := host(t, f.ServeHTTP)
	l, o := newLibrary(t, func(o *media.Options) { o.KeepBytes = 4 << 20 })
	for i, old := range []time.Duration{59 * time.Minute, 61 * time.Minute, time.Minute} {
		name := fmt.Sprintf("v%d", i)
		broken(t, l, f, media.Source{URL: link, Name: name, Keep: true})
		at := time.Now().Add(-old)
		found, err := filepath.Glob(filepath.Join(o.Spool, "kept", name, "*.part"))
		if err != nil || len(found) != 1 {
			t.Fatalf("%v, %v", found, err)
		}
		if err := os.Chtimes(found[0], at, at); err != nil {
			t.Fatal(err)
		}
	}
	sweep := func(want int, names ...string) {
		t.Helper()
		removed, err := l.SweepSpool(t.Context())
		if err != nil || removed != want {
			t.Errorf("removed %d, err %v; want %d", removed, err, want)
		}
		kept, err := l.Kept()
		if diff := cmp.Diff(names, kept); diff != "" || err != nil {
			t.Errorf("kept, err %v (-want +got):\n%s", err, diff)
		}
	}
	sweep(1, "v0", "v2") // an hour has passed since the last byte of v1
	broken(t, l, f, media.Source{URL: link, Name: "v3", Keep: true})
	sweep(1, "v2", "v3") // three are more than 4 MiB; v0 is the oldest
}

// TestFetch_distrusts_what_another_boot_left: after a power cut, nobody knows what
// of a file had reached the disk.
func TestFetch_distrusts_what_another_boot_left(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(note []byte) []byte{
		"another boot":         func(note []byte) []byte { return bytes.Replace(note, []byte(`"boot":"`), []byte(`"boot":"x`), 1) },
		"half a note":          func(note []byte) []byte { return note[:len(note)/2] },
		"nothing to ask about": func(note []byte) []byte { return bytes.Replace(note, []byte(`"validator"`), []byte(`"v"`), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFilm()
			link, _ := host(t, f.ServeHTTP)
			l, o := newLibrary(t)
			src := media.Source{URL: link, Name: "v", Keep: true}
			broken(t, l, f, src)
			found, err := filepath.Glob(filepath.Join(o.Spool, "kept/v/*.json"))
			if err != nil || len(found) != 1 {
				t.Fatalf("%v, %v", found, err)
			}
			note, err := os.ReadFile(found[0])
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, found[0], spoil(note))
			got, err := l.Fetch(t.Context(), src)
			wholeFilm(t, got, err, f.data)
			if diff := cmp.Diff([]string{""}, f.asked()); diff != "" {
				t.Errorf("asked for (-want +got):\n%s", diff)
			}
			if left := parts(t, o.Spool); len(left) > 0 {
				t.Errorf("left in the spool: %v", left)
			}
		})
	}
}
