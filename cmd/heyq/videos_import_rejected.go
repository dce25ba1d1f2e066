package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"heyq/cmd/heyq/internal/sheet"
	"heyq/internal/fault"
)

// writeRejected writes the bad lines to a new file beside the one that was read, and
// returns its name: FILE.rejected.csv, or one with a number if that exists. A person may
// be mending the older one.
func (i *importing) writeRejected(bad []sheet.Cell) (string, error) {
	var content bytes.Buffer
	if err := i.sheet.WriteRejected(&content, bad); err != nil {
		return "", err
	}
	stem := strings.TrimSuffix(i.path, filepath.Ext(i.path)) + ".rejected"
	for n := 1; ; n++ {
		path := stem + ".csv"
		if n > 1 {
			path = fmt.Sprintf("%s-%d.csv", stem, n)
		}
		err := writeNew(path, content.Bytes())
		if errors.Is(err, fs.ErrExist) {
			if there, err := os.ReadFile(path); err != nil || !bytes.Equal(there, content.Bytes()) {
				continue
			}
			return path, nil // of the same import before
		}
		if err != nil {
			return "", fault.Wrap(err, fault.Invalid, "the rejected lines cannot be written: %v; nothing was created", err).
				WithHint("make room there, or import the file from another folder")
		}
		return path, nil
	}
}

// writeNew writes a file that is not there, whole and on the disk before it has its
// name. fs.ErrExist: it is there.
func writeNew(path string, content []byte) error {
	part, err := os.CreateTemp(filepath.Dir(path), ".heyq-*.part")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = part.Write(content)
	if err = errors.Join(err, part.Chmod(0o644), part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Link(part.Name(), path); err != nil {
		if _, there := os.Lstat(path); errors.Is(err, fs.ErrExist) || there == nil {
			return fs.ErrExist
		}
		if err := os.Rename(part.Name(), path); err != nil { // a file system without links
			return err
		}
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
