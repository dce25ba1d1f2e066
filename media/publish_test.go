package media_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	_ "gocloud.dev/blob/memblob"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/fault"
	"heyq/media"
)

// shelves are the media stores that every test of publishing runs on.
func shelves(t *testing.T, test func(t *testing.T, l *media.Library, o media.Options)) {
	t.Helper()
	for name, change := range map[string]func(*media.Options){
		"folder": func(*media.Options) {},
		"by URL": func(o *media.Options) { o.URL = "file://" + o.URL },
		"bucket": func(o *media.Options) { o.URL = "mem://" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, o := newLibrary(t, change)
			test(t, l, o)
		})
	}
}

func prefixOf(t testing.TB, video string, run int64) string {
	t.Helper()
	prefix, err := media.PrefixOf(video, run)
	if err != nil {
		t.Fatal(err)
	}
	return prefix
}

func TestPublish_and_open(t *testing.T) {
	t.Parallel()
	shelves(t, func(t *testing.T, l *media.Library, o media.Options) {
		spooled := filepath.Join(o.Spool, "v.part")
		writeFile(t, spooled, tiny(t))
		prefix := prefixOf(t, "v-1", 7)
		err := l.Publish(t.Context(), prefix,
			media.File{Name: "video.mp4", Path: spooled},
			media.File{Name: "script.txt", Data: []byte("Hello")},
			media.File{Name: "empty.srt"},
			media.File{Name: "odd.bin", Data: []byte("x"), ContentType: "application/octet-stream"},
		)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]struct {
			data []byte
			mime string
		}{
			"video.mp4":  {tiny(t), "video/mp4"},
			"script.txt": {[]byte("Hello"), "text/plain; charset=utf-8"},
			"empty.srt":  {nil, "application/x-subrip"},
			"odd.bin":    {[]byte("x"), "application/octet-stream"},
		} {
			object, err := l.Open(t.Context(), prefix+name)
			if err != nil {
				t.Fatalf("open %s: %v", name, err)
			}
			data, err := io.ReadAll(object)
			if err != nil || !bytes.Equal(data, want.data) {
				t.Errorf("%s: %d bytes, err %v", name, len(data), err)
			}
			if object.Size != int64(len(want.data)) || object.ContentType != want.mime || time.Since(object.ModTime) > time.Minute {
				t.Errorf("%s: %d bytes, %s, %s", name, object.Size, object.ContentType, object.ModTime)
			}
			if err := object.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestOpen_can_be_served(t *testing.T) {
	t.Parallel()
	shelves(t, func(t *testing.T, l *media.Library, _ media.Options) {
		prefix := prefixOf(t, "v", 1)
		if err := l.Publish(t.Context(), prefix, media.File{Name: "video.mp4", Data: []byte("0123456789")}); err != nil {
			t.Fatal(err)
		}
		object, err := l.Open(t.Context(), prefix+"video.mp4")
		if err != nil {
			t.Fatal(err)
		}
		defer object.Close()
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Range", "bytes=3-5")
		w.Header().Set("Content-Type", object.ContentType)
		http.ServeContent(w, r, "", object.ModTime, object)
		if w.Code != http.StatusPartialContent || w.Body.String() != "345" {
			t.Errorf("got %d %q", w.Code, w.Body)
		}
	})
}

func TestOpen_of_nothing_is_not_found(t *testing.T) {
	t.Parallel()
	shelves(t, func(t *testing.T, l *media.Library, _ media.Options) {
		if err := l.Publish(t.Context(), "videos/v/1/", media.File{Name: "a.txt"}); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{
			"", "videos/v/1/b.txt", "videos/v/2/a.txt", "videos/v/1", "videos/v/1/", "videos/v",
			"videos/v/1/../1/a.txt", "../../etc/passwd", "videos/../../../etc/passwd", "/etc/passwd", "videos/v/01/a.txt",
		} {
			if _, err := l.Open(t.Context(), key); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("%q: %v", key, err)
			}
		}
	})
}

func TestPublish_refuses_what_leads_elsewhere(t *testing.T) {
	t.Parallel()
	l, o := newLibrary(t)
	for _, c := range []struct{ prefix, name string }{
		{"", "a.txt"},
		{"videos/v/", "a.txt"},
		{"videos/v/1", "a.txt"},
		{"videos/../1/", "a.txt"},
		{"other/v/1/", "a.txt"},
		{"videos/v/-1/", "a.txt"},
		{"videos/v/1/", "../a.txt"},
		{"videos/v/1/", ".."},
		{"videos/v/1/", ""},
		{"videos/v/1/", "a/b"},
	} {
		err := l.Publish(t.Context(), c.prefix, media.File{Name: c.name})
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q %q: %v", c.prefix, c.name, err)
		}
		if err := l.Delete(t.Context(), c.prefix); c.prefix != "videos/v/1/" && fault.CodeOf(err) != fault.Invalid {
			t.Errorf("delete %q: %v", c.prefix, err)
		}
	}
	if left := filesIn(t, o.URL); len(left) > 0 {
		t.Errorf("written all the same: %v", left)
	}
}

func TestPrefixOf(t *testing.T) {
	t.Parallel()
	got, err := media.PrefixOf("0192f3a4-7c3b", 12)
	if err != nil || got != "videos/0192f3a4-7c3b/12/" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, id := range []string{"", ".", "..", "a/b", "a..b", "a\\b", "a b", "ä", "\x00"} {
		if got, err := media.PrefixOf(id, 1); err == nil {
			t.Errorf("%q became %q", id, got)
		}
	}
	if got, err := media.PrefixOf("a", -1); err == nil {
		t.Errorf("run -1 became %q", got)
	}
}

// TestPublish_takes_the_spooled_file_over: on one file system, no byte is copied
// and nothing is left behind.
func TestPublish_takes_the_spooled_file_over(t *testing.T) {
	t.Parallel()
	l, o := newLibrary(t)
	spooled := filepath.Join(o.Spool, "v.part")
	writeFile(t, spooled, tiny(t))
	before, err := os.Stat(spooled)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Publish(t.Context(), "videos/v/1/", media.File{Name: "video.mp4", Path: spooled}); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(filepath.Join(o.URL, "videos/v/1/video.mp4"))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("the file was copied, err %v", err)
	}
	if err := (&media.Spooled{Path: spooled}).Remove(); err != nil {
		t.Errorf("remove what is gone: %v", err)
	}
	want := []string{"videos/v/1/video.mp4"}
	if diff := cmp.Diff(want, filesIn(t, o.URL)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPublish_writes_the_video_last(t *testing.T) {
	t.Parallel()
	l, o := newLibrary(t)
	err := l.Publish(t.Context(), "videos/v/1/",
		media.File{Name: "video.mp4", Data: []byte("video")},
		media.File{Name: "script.txt", Data: []byte("script")},
		media.File{Name: "captions.srt", Path: filepath.Join(o.Spool, "missing")},
	)
	if err == nil {
		t.Fatal("a missing file was published")
	}
	if diff := cmp.Diff([]string{"videos/v/1/script.txt"}, filesIn(t, o.URL)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPublish_is_atomic: a reader that looks all the time sees one whole file
// after the other.
func TestPublish_is_atomic(t *testing.T) {
	t.Parallel()
	shelves(t, func(t *testing.T, l *media.Library, _ media.Options) {
		publish := func(i int) {
			data := bytes.Repeat([]byte{byte('a' + i%2)}, 1<<20)
			if err := l.Publish(t.Context(), "videos/v/1/", media.File{Name: "video.mp4", Data: data}); err != nil {
				t.Error(err)
			}
		}
		publish(0)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range 20 {
				publish(i)
			}
		}()
		for reading := true; reading; {
			select {
			case <-done:
				reading = false
			default:
			}
			object, err := l.Open(t.Context(), "videos/v/1/video.mp4")
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(object)
			if err != nil || len(data) != 1<<20 || bytes.Count(data, data[:1]) != len(data) {
				t.Fatalf("saw a part: %d bytes, err %v", len(data), err)
			}
			_ = object.Close()
		}
	})
}

func TestPrefixes_and_Delete(t *testing.T) {
	t.Parallel()
	shelves(t, func(t *testing.T, l *media.Library, _ media.Options) {
		list := func() (found []string) {
			for p, err := range l.Prefixes(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if time.Since(p.ModTime).Abs() > time.Minute {
					t.Errorf("%s is of %s", p, p.ModTime)
				}
				found = append(found, p.String())
			}
			slices.Sort(found)
			return found
		}
		if got := list(); len(got) != 0 {
			t.Errorf("an empty store has %v", got)
		}
		var want []string
		for _, p := range []struct {
			video string
			run   int64
		}{{"a", 1}, {"a", 2}, {"a", 10}, {"b", 3}, {"c-d", 0}} {
			prefix := prefixOf(t, p.video, p.run)
			want = append(want, prefix)
			err := l.Publish(t.Context(), prefix, media.File{Name: "a.txt"}, media.File{Name: "video.mp4", Data: []byte("x")})
			if err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, list()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for p, err := range l.Prefixes(t.Context()) { // while they are listed, as a sweep does
			if err != nil {
				t.Fatal(err)
			}
			if p.Video != "a" {
				continue
			}
			if err := l.Delete(t.Context(), p.String()); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"videos/b/3/", "videos/c-d/0/"}, list()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := l.Delete(t.Context(), "videos/a/1/"); err != nil {
			t.Errorf("delete what is gone: %v", err)
		}
	})
}

func TestDelete_leaves_no_folder(t *testing.T) {
	t.Parallel()
	l, o := newLibrary(t)
	for run := range int64(2) {
		if err := l.Publish(t.Context(), prefixOf(t, "v", run), media.File{Name: "a.txt"}); err != nil {
			t.Fatal(err)
		}
	}
	for run := range int64(2) {
		if err := l.Delete(t.Context(), prefixOf(t, "v", run)); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(filepath.Join(o.URL, "videos"))
	if err != nil || len(entries) != 0 {
		t.Errorf("left: %v, err %v", entries, err)
	}
}

func TestPrefixes_passes_over_what_is_not_ours(t *testing.T) {
	t.Parallel()
	l, o := newLibrary(t)
	for _, path := range []string{"videos/README", "videos/a/notes.txt", "videos/a/x/b.txt", "videos/a/007/b.txt", "videos/.x/1/b", "other/1/b"} {
		writeFile(t, filepath.Join(o.URL, path), nil)
	}
	writeFile(t, filepath.Join(o.URL, "videos/a/5/video.mp4"), nil)
	var found []string
	for p, err := range l.Prefixes(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, p.String())
	}
	if diff := cmp.Diff([]string{"videos/a/5/"}, found); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
