package servers

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// BuildHeyq compiles heyq from the checkout that the calling module stands in, to
// the file named. It wants the go command.
func BuildHeyq(ctx context.Context, to string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "heyq").Output()
	if err != nil {
		return fmt.Errorf("find heyq's source (run this in its module's folder, or name a binary with -heyq): %w", err)
	}
	// A checkout that belongs to somebody else has no readable version.
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", to, "./cmd/heyq")
	build.Dir = strings.TrimSpace(string(root))
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build heyq: %w\n%s", err, out)
	}
	return nil
}
