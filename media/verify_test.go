package media_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"heyq/media"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	shelves(t, func(t *testing.T, l *media.Library, o media.Options) {
		data := tiny(t)
		prefix := prefixOf(t, "v", 1)
		verify := func() error { return l.Verify(t.Context(), prefix, int64(len(data)), hexSum(data)) }
		put := func(content []byte) {
			if err := l.Publish(t.Context(), prefix, media.File{Name: media.VideoName, Data: content}); err != nil {
				t.Fatal(err)
			}
		}
		if err := verify(); !media.Lost(err) || errors.Is(err, media.ErrDiffers) {
			t.Errorf("of no file it says %v", err)
		}
		put(data)
		if err := verify(); err != nil {
			t.Errorf("of the file it says %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := l.Verify(ctx, prefix, int64(len(data)), hexSum(data)); err == nil || media.Lost(err) {
			t.Errorf("given up, it says %v", err)
		}
		flipped := append([]byte(nil), data...)
		flipped[len(flipped)/2] ^= 1
		for _, content := range [][]byte{nil, data[:len(data)-1], append(data, 0), flipped} {
			put(content)
			if err := verify(); !media.Lost(err) || !errors.Is(err, media.ErrDiffers) {
				t.Errorf("of %d bytes of %d it says %v", len(content), len(data), err)
			}
		}
		if err := l.Delete(t.Context(), prefix); err != nil {
			t.Fatal(err)
		}
		if err := verify(); !media.Lost(err) {
			t.Errorf("of a file that was removed it says %v", err)
		}
	})
}

// What cannot be read is not lost: the disk, or the bucket, may come back.
func TestVerify_of_what_cannot_be_read(t *testing.T) {
	t.Parallel()
	l, o := newLibrary(t)
	if err := os.MkdirAll(filepath.Join(o.URL, "videos"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(o.URL, "videos", "v"), nil) // a file, where a folder is to be
	if err := l.Verify(t.Context(), prefixOf(t, "v", 1), 1, "x"); err == nil || media.Lost(err) {
		t.Errorf("got %v", err)
	}
}
