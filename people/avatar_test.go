package people

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A link to a picture is for browsers. heyq never follows it: whoever set it could have
// heyq ask what only heyq can reach. So no file that knows of the link makes requests.
func TestAvatarURL_is_never_fetched(t *testing.T) {
	t.Parallel()
	requests := regexp.MustCompile(`http\.(Get|Head|Post|NewRequest|Client\b|DefaultClient|DefaultTransport)|\.RoundTrip\(|net\.Dial`)
	known := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(source, []byte("AvatarURL")) {
			return err
		}
		known++
		if call := requests.Find(source); call != nil {
			t.Errorf("%s knows the link to a user's picture, and has %s", path, call)
		}
		return nil
	})
	if err != nil || known < 4 {
		t.Errorf("%d files know of it, %v", known, err)
	}
}
