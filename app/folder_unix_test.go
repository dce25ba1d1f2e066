//go:build unix

package app

import (
	"os"
	"strings"
	"testing"

	"heyq/internal/fault"
)

func TestCheckFolder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode    os.FileMode
		owner   int // 0: as it is; tried by root only, since nobody else may give a folder away
		refused string
	}{
		{0o700, 0, ""},
		{0o755, 0, ""},
		{0o770, 0, ""},
		{0o777, 0, "chmod 700"},
		{0o702, 0, "chmod 700"},
		{0o700, 54321, "chown"},
	} {
		dir := t.TempDir()
		if err := os.Chmod(dir, c.mode); err != nil {
			t.Fatal(err)
		}
		if c.owner != 0 {
			if os.Chown(dir, c.owner, -1) != nil {
				continue
			}
		}
		err := checkFolder(dir)
		if (err != nil) != (c.refused != "") {
			t.Errorf("mode %o, owner %d: %v", c.mode, c.owner, err)
		}
		if err != nil && (fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.refused+" ") || !strings.Contains(err.Error(), dir)) {
			t.Errorf("mode %o, owner %d: it says %q", c.mode, c.owner, err)
		}
	}
}
