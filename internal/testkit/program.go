package testkit

import (
	"fmt"
	"os/exec"
	"testing"

	"heyq/internal/testservers"
)

// Program returns the path of a program that a test runs and .ci/setup installs,
// from the package of that name. If it is missing the test is skipped, and
// fails in CI.
func Program(t testing.TB, name, install string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		err = fmt.Errorf("%s: %w (on Debian or Ubuntu: apt-get install %s)", name, testservers.ErrMissing, install)
	}
	mustStart(t, err)
	return path
}
