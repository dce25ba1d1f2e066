package datafolder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"heyq/internal/durable"
)

// Secret returns a secret that this heyq has made for itself, and the file in the
// data folder that holds it. If there is none it makes one, which only this user
// reads, and which is on the disk before Secret returns. An empty file is none:
// that is what a power cut can leave of one that was not.
func Secret(dir, name string, create func() string) (secret, path string, err error) {
	path = filepath.Join(dir, name)
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", path, err
	}
	if secret := strings.TrimSpace(string(content)); secret != "" {
		return secret, path, nil
	}
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return "", path, err
	}
	secret = create()
	return secret, path, durable.WriteFile(path, []byte(secret+"\n"), 0o600)
}

// Read returns a secret that a heyq with this data folder has made. It is empty if
// there is none, or none that this user may read.
func Read(dir, name string) string {
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(content))
}
