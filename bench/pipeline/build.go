package main

import (
	"context"
	"os"
	"path/filepath"

	"heyq/internal/servers"
)

// heyqBinary returns the program to measure, built from this checkout unless
// the caller has one, and a function that removes what was built.
func heyqBinary(ctx context.Context, o options) (path string, remove func(), err error) {
	if o.binary != "" {
		path, err = filepath.Abs(o.binary)
		return path, func() {}, err
	}
	dir, err := os.MkdirTemp("", "heyq-built-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(dir) }
	path = filepath.Join(dir, "heyq")
	if err := servers.BuildHeyq(ctx, path); err != nil {
		remove()
		return "", nil, err
	}
	return path, remove, nil
}
