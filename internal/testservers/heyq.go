package testservers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// BuildHeyq compiles heyq from the checkout that the calling module stands in, to
// the file named, which must not exist. It wants the go command. The program is kept
// in the checkout's .cache, and linked again only after a change.
func BuildHeyq(ctx context.Context, to string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "heyq").Output()
	if err != nil {
		return fmt.Errorf("find heyq's source (run this in its module's folder, or name a binary with -heyq): %w", err)
	}
	kept := filepath.Join(strings.TrimSpace(string(root)), ".cache", "heyq")
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		return err
	}
	lock := flock.New(kept + ".lock")
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("lock %s: %w", kept, err)
	}
	defer lock.Unlock()
	// A checkout that belongs to another user has no readable version.
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", kept, "./cmd/heyq")
	build.Dir = strings.TrimSpace(string(root))
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build heyq: %w\n%s", err, out)
	}
	if os.Link(kept, to) == nil { // a build puts another file in the place of the kept one
		return nil
	}
	program, err := os.ReadFile(kept)
	if err != nil {
		return err
	}
	return os.WriteFile(to, program, 0o755)
}
