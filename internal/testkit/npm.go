package testkit

import (
	"fmt"
	"os/exec"
	"testing"

	"heyq/internal/testservers"
)

// NPM installs a package of npm's in one version, such as foreman@3.0.1, and returns the
// folder that has it in its node_modules. The folder goes with the test.
func NPM(t testing.TB, name string) string {
	t.Helper()
	program, err := exec.LookPath("npm")
	if err != nil {
		mustStart(t, fmt.Errorf("npm: %w", testservers.ErrMissing))
	}
	dir := t.TempDir()
	out, err := exec.Command(program, "install", "--prefer-offline", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix", dir, name).CombinedOutput()
	if err != nil {
		t.Fatalf("testkit: npm install %s: %v\n%s", name, err, out)
	}
	return dir
}
