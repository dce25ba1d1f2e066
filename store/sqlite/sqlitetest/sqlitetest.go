// Package sqlitetest gives each test a SQLite store of its own:
//
//	db := sqlitetest.Open(t)
//
// The tables are made once in a test process, and copied: with the race detector
// to make them takes longer than most tests do.
package sqlitetest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"

	"heyq/internal/disk"
	"heyq/store/sqlite"
)

// Open returns an empty store, which is closed with the test.
func Open(t testing.TB, options ...sqlite.Option) *sqlite.Store {
	t.Helper()
	path := filepath.Join(Folder(t), "heyq.db")
	Write(t, path)
	s, err := sqlite.Open(t.Context(), path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Write writes the file of an empty store to path. It is an installation of its own.
func Write(t testing.TB, path string) {
	t.Helper()
	empty, err := made()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(empty.file, empty.installation, []byte(uuid.NewString())), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Folder returns a folder for this test, in memory if the system has such a file system
// with enough room: a store waits for its disk at each commit, and at each video that it
// keeps.
func Folder(t testing.TB) string {
	t.Helper()
	const memory, room = "/dev/shm", 2 << 30
	if space, err := disk.At(memory); err != nil || space.Free < room {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "heyq-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// empty is a store that nothing was written to.
type empty struct {
	file         []byte
	installation []byte // its id, which stands in the file
}

var made = sync.OnceValues(func() (e empty, err error) {
	dir, err := os.MkdirTemp("", "heyq-sqlite-")
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path, ctx := filepath.Join(dir, "heyq.db"), context.Background()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return e, err
	}
	self, err := s.Installation(ctx)
	if err := errors.Join(err, s.Close()); err != nil {
		return e, err
	}
	e.installation = []byte(self.ID.String())
	e.file, err = os.ReadFile(path)
	if err == nil && !bytes.Contains(e.file, e.installation) {
		err = errors.New("the file does not hold its installation's id")
	}
	return e, err
})
