package media_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heyq/internal/fault"
	"heyq/media"
)

// What is discarded is no video's any more, and can be taken back until the trash
// is emptied.
func TestDiscard(t *testing.T) {
	t.Parallel()
	shelves(t, func(t *testing.T, l *media.Library, o media.Options) {
		prefix, other := prefixOf(t, "v", 1), prefixOf(t, "v", 2)
		for _, p := range []string{prefix, other} {
			if err := l.Publish(t.Context(), p, media.File{Name: "a.txt", Data: []byte("Hello")}); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // the second time there is nothing
			if err := l.Discard(t.Context(), prefix); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.Open(t.Context(), prefix+"a.txt"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("it can still be opened: %v", err)
		}
		wantTrash := func(want bool) {
			t.Helper()
			if o.URL == "mem://" {
				return // there is no folder to look into
			}
			_, err := os.Stat(filepath.Join(strings.TrimPrefix(o.URL, "file://"), "trash", prefix, "a.txt"))
			if found := err == nil; found != want {
				t.Errorf("in the trash: %v, want %v", found, want)
			}
		}
		wantTrash(true)
		for _, ago := range []time.Duration{time.Hour, -time.Hour} {
			wantTrash(true)
			if err := l.EmptyTrash(t.Context(), time.Now().Add(-ago)); err != nil {
				t.Fatal(err)
			}
		}
		wantTrash(false)
		if file, err := l.Open(t.Context(), other+"a.txt"); err != nil {
			t.Errorf("another run's is gone: %v", err)
		} else {
			_ = file.Close()
		}
		if err := l.Discard(t.Context(), "trash/"); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("got %v, want that it is no prefix", err)
		}
	})
}

func TestMark(t *testing.T) {
	t.Parallel()
	shelves(t, func(t *testing.T, l *media.Library, _ media.Options) {
		for _, want := range []string{"", "first", "second"} {
			if want != "" {
				if err := l.SetMark(t.Context(), []byte(want)); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := l.Mark(t.Context()); err != nil || string(got) != want {
				t.Errorf("got %q (%v), want %q", got, err, want)
			}
		}
		for prefix, err := range l.Prefixes(t.Context()) {
			t.Errorf("the mark is taken for %v (%v)", prefix, err)
		}
	})
}
