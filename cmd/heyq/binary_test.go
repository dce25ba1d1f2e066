package main

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"heyq/internal/testkit"
	"heyq/internal/testservers"
)

// binary is heyq as tests start it in a process of its own.
var binary struct {
	sync.Once
	dir string
	err error
}

func TestMain(m *testing.M) {
	testkit.Main(m)
	if binary.dir != "" {
		_ = os.RemoveAll(binary.dir)
	}
}

// heyqBinary builds heyq, once for all tests, and returns its path.
func heyqBinary(t *testing.T) string {
	t.Helper()
	binary.Do(func() {
		if binary.dir, binary.err = os.MkdirTemp("", "heyq-test-"); binary.err != nil {
			return
		}
		binary.err = testservers.BuildHeyq(t.Context(), filepath.Join(binary.dir, "heyq"))
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return filepath.Join(binary.dir, "heyq")
}
