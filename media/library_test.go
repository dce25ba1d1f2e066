package media_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/fault"
	"heyq/media"
)

func TestOpen_refuses_stores_that_are_none(t *testing.T) {
	t.Parallel()
	occupied := filepath.Join(t.TempDir(), "file")
	writeFile(t, occupied, nil)
	for _, url := range []string{"", "ftp://host/x", "file://relative/path", "file://", "file:///x?unknown=1", "://", occupied} {
		l, err := media.Open(t.Context(), media.Options{URL: url, Spool: t.TempDir()})
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q: %v, %v", url, l, err)
		}
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	shelves(t, func(t *testing.T, l *media.Library, o media.Options) {
		if err := l.Ping(t.Context()); err != nil {
			t.Errorf("ping: %v", err)
		}
		if left := filesIn(t, o.Spool); len(left) > 0 {
			t.Errorf("left in the spool: %v", left)
		}
		if err := os.RemoveAll(o.Spool); err != nil {
			t.Fatal(err)
		}
		if err := l.Ping(t.Context()); err == nil {
			t.Error("a spool that is gone is fine")
		}
	})
	l, o := newLibrary(t)
	if err := os.RemoveAll(o.URL); err != nil {
		t.Fatal(err)
	}
	if err := l.Ping(t.Context()); err == nil {
		t.Error("a media folder that is gone is fine")
	}
}

func TestSweepSpool_takes_what_a_crash_left(t *testing.T) {
	t.Parallel()
	l, o := newLibrary(t)
	old := filepath.Join(o.Spool, "ab", "old.part")
	fresh := filepath.Join(o.Spool, "ab", "fresh.part")
	foreign := filepath.Join(o.Spool, "notes.txt")
	for _, path := range []string{old, fresh, foreign} {
		writeFile(t, path, []byte("x"))
	}
	long := time.Now().Add(-2 * time.Hour)
	for _, path := range []string{old, foreign} {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	removed, err := l.SweepSpool(t.Context(), time.Hour)
	if err != nil || removed != 1 {
		t.Errorf("removed %d, err %v", removed, err)
	}
	if diff := cmp.Diff([]string{"ab/fresh.part", "notes.txt"}, filesIn(t, o.Spool)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFetch_replaces_what_a_crash_left(t *testing.T) {
	t.Parallel()
	l, _ := newLibrary(t)
	data := content(1000)
	link, _ := host(t, func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
	first, err := l.Fetch(t.Context(), media.Source{URL: link, Name: "v.1"})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, first.Path, content(5000)) // as a download that died left it
	again, err := l.Fetch(t.Context(), media.Source{URL: link, Name: "v.1"})
	if err != nil || again.Path != first.Path {
		t.Fatalf("got %+v, %v", again, err)
	}
	onDisk, err := os.ReadFile(again.Path)
	if err != nil || hexSum(onDisk) != again.SHA256 || again.SHA256 != hexSum(data) {
		t.Errorf("%d bytes on disk, err %v", len(onDisk), err)
	}
}
