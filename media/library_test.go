package media_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

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
		if err := l.TryWrite(t.Context()); err != nil {
			t.Errorf("try to write: %v", err)
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

func TestSweepSpool_takes_what_the_dead_left(t *testing.T) {
	t.Parallel()
	l, o := newLibrary(t)
	peer, err := media.Open(t.Context(), media.Options{URL: o.URL, Spool: o.Spool, Private: anywhere})
	if err != nil {
		t.Fatal(err)
	}
	link, _ := host(t, func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content(1000)) })
	live, err := peer.Fetch(t.Context(), media.Source{URL: link})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"dead.lock", "dead/1.part", "dead/2.part", "notes.txt"} {
		writeFile(t, filepath.Join(o.Spool, path), []byte("x"))
	}

	parts, err := l.SweepSpool(t.Context())
	if err != nil || parts != 2 {
		t.Errorf("removed %d parts, err %v", parts, err)
	}
	for _, name := range []string{"dead", "dead.lock"} {
		if _, err := os.Stat(filepath.Join(o.Spool, name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
	if _, err := os.Stat(live.Path); err != nil {
		t.Errorf("a living peer's download is gone: %v", err)
	}
	if _, err := os.Stat(filepath.Join(o.Spool, "notes.txt")); err != nil {
		t.Errorf("a foreign file is gone: %v", err)
	}

	if err := peer.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(live.Path); err == nil {
		t.Error("a closed library's spool is left")
	}
}
