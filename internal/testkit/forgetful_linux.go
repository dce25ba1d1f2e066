package testkit

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"heyq/internal/durable"
)

// Forgetful knows what of a folder would survive a power cut, on a file system that
// keeps no more than it must: a file has the bytes that it had when it was last
// flushed, and a folder the names. It sees what package durable flushes in this
// process, and nothing else. One stands at a time.
type Forgetful struct {
	dir string

	mu    sync.Mutex
	names map[uint64]map[string]uint64 // of each folder, by inode
	bytes map[uint64][]byte            // of each file
}

// NewForgetful watches what is flushed below dir until the test ends.
func NewForgetful(t testing.TB, dir string) *Forgetful {
	f := &Forgetful{dir: dir, names: map[uint64]map[string]uint64{}, bytes: map[uint64][]byte{}}
	t.Cleanup(durable.Watch(f.flushed))
	return f
}

func (f *Forgetful) flushed(path string) {
	if path != f.dir && !strings.HasPrefix(path, f.dir+"/") {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(path)
	if err != nil {
		return // removed since
	}
	if !info.IsDir() {
		f.bytes[inode(info)], _ = os.ReadFile(path)
		return
	}
	names := map[string]uint64{}
	entries, _ := os.ReadDir(path)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			names[entry.Name()] = inode(info)
		}
	}
	f.names[inode(info)] = names
}

func inode(info fs.FileInfo) uint64 { return info.Sys().(*syscall.Stat_t).Ino }

// Cut writes what would be there after a power cut at this moment to a new folder.
func (f *Forgetful) Cut(t testing.TB) (dir string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	dir = t.TempDir()
	info, err := os.Stat(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	f.restore(t, inode(info), f.dir, dir)
	return dir
}

func (f *Forgetful) restore(t testing.TB, folder uint64, from, to string) {
	for name, node := range f.names[folder] {
		path := filepath.Join(to, name)
		if content, isFile := f.bytes[node]; isFile {
			f.write(t, path, content)
			continue
		}
		info, err := os.Stat(filepath.Join(from, name))
		if _, isFolder := f.names[node]; isFolder || err == nil && info.IsDir() {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
			f.restore(t, node, filepath.Join(from, name), path)
			continue
		}
		f.write(t, path, nil)
	}
}

func (f *Forgetful) write(t testing.TB, path string, content []byte) {
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
