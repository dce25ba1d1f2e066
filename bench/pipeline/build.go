package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// heyqBinary returns the program to measure, built from this checkout unless
// the caller has one, and a function that removes what was built.
func heyqBinary(ctx context.Context, o options) (path string, remove func(), err error) {
	if o.binary != "" {
		path, err = filepath.Abs(o.binary)
		return path, func() {}, err
	}
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "heyq").Output()
	if err != nil {
		return "", nil, fmt.Errorf("find heyq's source (run this in bench/pipeline, or name a binary with -heyq): %w", err)
	}
	dir, err := os.MkdirTemp("", "heyq-built-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(dir) }
	path = filepath.Join(dir, "heyq")
	// A checkout that belongs to somebody else has no readable version.
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", path, "./cmd/heyq")
	build.Dir = strings.TrimSpace(string(root))
	if out, err := build.CombinedOutput(); err != nil {
		remove()
		return "", nil, fmt.Errorf("build heyq: %w\n%s", err, out)
	}
	return path, remove, nil
}
