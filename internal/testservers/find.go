package testservers

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// ErrMissing says that a server is not installed on this machine.
var ErrMissing = errors.New("not installed")

// find returns the path of a program on PATH, or in one of the folders that
// match dirs. Of several versions it takes the newest.
func find(program, install string, dirs ...string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, pattern := range dirs {
		found, _ := filepath.Glob(filepath.Join(pattern, program)) // only a bad pattern fails, and ours are constants
		slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
		for _, path := range found {
			if _, err := exec.LookPath(path); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%s: %w (on Debian or Ubuntu: apt-get install %s)", program, ErrMissing, install)
}

// version reads 17 from /usr/lib/postgresql/17/bin/postgres; 0 means unknown.
func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}
