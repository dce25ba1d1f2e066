package media_test

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"heyq/internal/testkit"
	"heyq/media"
)

// TestPublish_survives_a_power_cut: what was published is there afterwards, with
// every byte and every name on the way to it.
func TestPublish_survives_a_power_cut(t *testing.T) {
	dir := t.TempDir()
	power := testkit.NewForgetful(t, dir)
	l, o := newLibrary(t, func(o *media.Options) {
		o.URL, o.Spool = filepath.Join(dir, "data", "media"), filepath.Join(dir, "data", "spool")
	})
	const videos = 5
	var all sync.WaitGroup
	for n := range videos {
		all.Go(func() {
			spooled := filepath.Join(o.Spool, strconv.Itoa(n)+".part")
			writeFile(t, spooled, tiny(t))
			err := l.Publish(t.Context(), prefixOf(t, "v-"+strconv.Itoa(n), 3),
				media.File{Name: media.VideoName, Path: spooled}, media.File{Name: "script.txt", Data: []byte("Hello")})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	after := power.Cut(t)
	for n := range videos {
		for name, want := range map[string]string{media.VideoName: string(tiny(t)), "script.txt": "Hello"} {
			path := filepath.Join("data/media/videos", "v-"+strconv.Itoa(n), "3", name)
			if content, err := os.ReadFile(filepath.Join(after, path)); err != nil || string(content) != want {
				t.Errorf("%s has %d bytes of %d, err %v", path, len(content), len(want), err)
			}
		}
	}
}
