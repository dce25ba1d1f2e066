// Package keyfile keeps the keys of a user of this machine, one for each heyq, in the
// user's configuration folder. It knows nothing of what a key is, and shows one to no
// heyq but the one that it is for.
package keyfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"heyq/internal/durable"
	"heyq/internal/fault"
)

// Key is what is kept for a heyq.
type Key struct {
	URL    string `json:"url"`
	Secret string `json:"key"`
	Name   string `json:"name"` // of whom it lets in
	Made   bool   `json:"made"` // by heyq login, and so revoked by heyq logout
}

// Folder is where keys are kept, as an environment has it. Empty: there is none.
func Folder(environ []string) string {
	get := func(name string) string {
		for _, entry := range environ {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
	switch {
	case get("XDG_CONFIG_HOME") != "":
		return filepath.Join(get("XDG_CONFIG_HOME"), "heyq")
	case runtime.GOOS == "windows" && get("AppData") != "":
		return filepath.Join(get("AppData"), "heyq")
	case get("HOME") != "":
		return filepath.Join(get("HOME"), ".config", "heyq")
	}
	return ""
}

func pathOf(folder, heyq string) string {
	return filepath.Join(folder, "key-"+url.QueryEscape(strings.TrimRight(heyq, "/"))+".json")
}

// Read returns the key for the heyq at a URL. The zero Key: there is none. If others may
// read the file it takes that from them, and mended says so; if it cannot, that is the
// error.
func Read(folder, heyq string) (k Key, mended string, err error) {
	if folder == "" {
		return Key{}, "", nil
	}
	path := pathOf(folder, heyq)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, "", nil
	}
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			return Key{}, "", fault.Wrap(err, fault.Invalid, "others may read the key in %s (its mode is %04o)", path, info.Mode().Perm()).
				WithHint("chmod 600 %s, or set HEYQ_KEY", path)
		}
		mended = fmt.Sprintf("others could read the key in %s; that is mended, but who read it still has it: heyq logout revokes it", path)
	}
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, &k)
	}
	if err != nil {
		return Key{}, mended, fault.Wrap(err, fault.Invalid, "cannot read the key in %s", path).WithHint("remove it and run heyq login, or set HEYQ_KEY")
	}
	return k, mended, nil
}

// Write keeps a key in place of the one that was kept for its heyq. A reader finds the one
// or the other, whole.
func Write(folder string, k Key) (path string, err error) {
	if folder == "" {
		return "", fault.New(fault.Invalid, "there is no folder to keep the key in").WithHint("set HOME or XDG_CONFIG_HOME, or make a key with heyq keys create and set HEYQ_KEY")
	}
	content, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return "", err
	}
	if err = durable.MkdirAll(folder, 0o700); err == nil {
		path = pathOf(folder, k.URL)
		err = durable.WriteFile(path, append(content, '\n'), 0o600)
	}
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "cannot keep the key: %v", err).WithHint("mend the folder %s, or set HEYQ_KEY", folder)
	}
	return path, nil
}

// Remove forgets the key for the heyq at a URL.
func Remove(folder, heyq string) error {
	err := os.Remove(pathOf(folder, heyq))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
