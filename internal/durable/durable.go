// Package durable makes files survive a power cut.
//
// What was written is in memory until it is flushed: a file's bytes with the file, its
// name with the folder that it stands in, and that folder's own name with the next one
// above it. A program that tells others that a file is there flushes all of them before.
// A rename makes a file appear whole to other processes; after a power cut it can still
// stand there with no bytes, or not at all.
//
// durable knows nothing of what the files hold.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
)

// Sync flushes files and folders, all at once: a file system writes its journal
// once for those that come together. What it returns says nothing about which of
// them have reached the disk.
func Sync(paths ...string) error {
	if len(paths) == 1 {
		return flush(paths[0])
	}
	errs := make([]error, len(paths))
	var all sync.WaitGroup
	for i, path := range paths {
		all.Go(func() { errs[i] = flush(path) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// flush writes what any handle has written to the file, or the names in the folder.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	folder := errors.Is(err, syscall.EISDIR)
	if folder {
		f, err = os.Open(path)
	}
	if err != nil {
		return err
	}
	err = f.Sync()
	if folder && unsupported(err) {
		err = nil
	}
	err = errors.Join(err, f.Close())
	if tell := watcher.Load(); tell != nil && err == nil {
		(*tell)(path)
	}
	return err
}

// unsupported is true if the system has no way to flush a folder: Windows, and
// some file systems of a network, which keep names by themselves.
func unsupported(err error) bool {
	return runtime.GOOS == "windows" || errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported)
}

// MkdirAll makes a folder, and those above it that are missing. It flushes the names of
// all of them, up to the root: the program that made the older ones may not have
// flushed them.
func MkdirAll(dir string, perm fs.FileMode) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, perm); err != nil {
		return err
	}
	for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) {
		// A folder that may be passed through and not read is not ours, and neither
		// is its name.
		if err := flush(filepath.Dir(at)); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}

// Rename flushes the file, gives it its new name, and flushes that name. Both
// names must be on one file system.
func Rename(from, to string) error {
	if err := Sync(from); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return Sync(filepath.Dir(to))
}

// WriteFile writes a temporary file in the folder of path, flushes it and renames it. A
// reader finds the old file or the new one, whole, also after a power cut.
func WriteFile(path string, data []byte, perm fs.FileMode) error {
	part := path + ".part"
	err := os.WriteFile(part, data, perm)
	if err == nil {
		err = Rename(part, path)
	}
	if err != nil {
		_ = os.Remove(part)
	}
	return err
}

var watcher atomic.Pointer[func(path string)]

// Watch has a test told of every path that was flushed, until stop is called. There
// is one at a time.
func Watch(tell func(path string)) (stop func()) {
	watcher.Store(&tell)
	return func() { watcher.Store(nil) }
}
