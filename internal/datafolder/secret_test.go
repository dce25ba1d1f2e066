package datafolder

import (
	"os"
	"path/filepath"
	"testing"
)

// A power cut may have left an empty file: that is no secret, and another is made.
func TestSecret_empty_file(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	create := func() string { return "a secret" }
	for _, content := range []string{"", "\n"} {
		if _, _, err := Secret(dir, "token", create); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "token"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		secret, path, err := Secret(dir, "token", create)
		if err != nil || secret != "a secret" {
			t.Errorf("with %q in the file the secret is %q, %v", content, secret, err)
		}
		if written, err := os.ReadFile(path); err != nil || string(written) != "a secret\n" {
			t.Errorf("the file holds %q, %v", written, err)
		}
	}
}
