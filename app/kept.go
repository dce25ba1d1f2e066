package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// kept returns a secret that this heyq has made for itself, and the file in the
// data folder that holds it. Where there is none it makes one, which only this
// user reads. A crash in the middle leaves no half of it.
func kept(dir, name string, create func() string) (secret, path string, err error) {
	path = filepath.Join(dir, name)
	content, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return strings.TrimSpace(string(content)), path, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", path, err
	}
	secret = create()
	part := path + ".part"
	if err := os.WriteFile(part, []byte(secret+"\n"), 0o600); err != nil {
		return "", path, err
	}
	return secret, path, os.Rename(part, path)
}
