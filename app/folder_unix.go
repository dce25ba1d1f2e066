//go:build unix

package app

import (
	"fmt"
	"os"
	"slices"
	"syscall"

	"heyq/internal/fault"
)

// checkFolder refuses a data folder in which others can put what they like in the
// place of the database or the operator token. That others may list it is no
// matter: all that heyq makes in it is this user's alone. A folder of root's is
// as good as one's own, and so is one of the group of root that this user is in,
// as in a container that runs under any user.
func checkFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at the data folder: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	groups, _ := os.Getgroups()
	inRoot := os.Getegid() == 0 || slices.Contains(groups, 0)
	switch {
	case info.Mode().Perm()&0o002 != 0:
		return fault.New(fault.Invalid, "everybody may write to the data folder %s (its mode is %04o)", dir, info.Mode().Perm()).
			WithHint("chmod 700 %s, or set HEYQ_DIR to a folder in it, which heyq makes", dir)
	case int(owner.Uid) != os.Geteuid() && owner.Uid != 0 && (os.Geteuid() == 0 || owner.Gid != 0 || !inRoot):
		return fault.New(fault.Invalid, "the data folder %s belongs to the user %d, and heyq runs as %d", dir, owner.Uid, os.Geteuid()).
			WithHint("chown %d %s, or set HEYQ_DIR to a folder of this user's", os.Geteuid(), dir)
	}
	return nil
}
