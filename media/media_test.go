package media_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"heyq/media"
)

// newLibrary returns a library on two folders of its own, quick to give up.
func newLibrary(t testing.TB, change ...func(*media.Options)) (l *media.Library, o media.Options) {
	t.Helper()
	dir := t.TempDir()
	o = media.Options{
		URL: filepath.Join(dir, "media"), Spool: filepath.Join(dir, "spool"),
		Stall: 5 * time.Second, Pause: time.Millisecond, Private: anywhere,
	}
	for _, c := range change {
		c(&o)
	}
	l, err := media.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l, o
}

// anywhere lets links lead to the hosts of a test, which are on this machine.
func anywhere(string) bool { return true }

// tiny is a playable video of two seconds.
func tiny(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/tiny.mp4")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// filesIn lists the files below dir, by their paths in it.
func filesIn(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) != ".lock" { // the spool's living owner
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
