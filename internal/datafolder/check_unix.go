//go:build unix

package datafolder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"heyq/internal/fault"
)

// usable is what access(2) is asked about a folder: to write to it and to enter it.
const usable = 2 | 1

// files are those that heyq keeps in its data folder. There are secrets in
// them.
var files = []string{Database, Database + "-wal", Database + "-shm", Database + ".lock", OperatorToken, NotifySecret}

// Check makes a data folder private: it removes the permissions of other users on the folder
// and on the files that heyq keeps in it. If it may not do so it returns an error with the
// command that does. That is so if the folder or a file is another user's, and if every
// user could have replaced the database. These folders are accepted:
//
//   - one of root's
//   - one of root's group, if this user is in it, as in a container that runs under any user
//   - without the database in it, one of root's that every user may write to, as Kubernetes
//     makes an emptyDir
func Check(dir string, database bool) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) && !database {
		return nil // heyq makes it when it needs it
	}
	if err != nil {
		return fmt.Errorf("look at the data folder: %w", err)
	}
	switch owner := ownerOf(info); {
	case info.Mode().Perm()&0o002 != 0 && (database || owner != root && uidOf(info) != 0):
		return fault.New(fault.Invalid, "everybody may write to the data folder %s (its mode is %04o)", dir, info.Mode().Perm()).
			WithHint("chmod 700 %s, or set HEYQ_DIR to a folder in it, which heyq makes", dir)
	case owner == stranger:
		return fault.New(fault.Invalid, "the data folder %s belongs to the user %d, and heyq runs as %d", dir, uidOf(info), os.Geteuid()).
			WithHint("chown %d %s, or set HEYQ_DIR to a folder of this user's", os.Geteuid(), dir)
	case database && syscall.Access(dir, usable) != nil:
		return fault.New(fault.Invalid, "heyq, as the user %d of the group %d, may not write to the data folder %s (of the user %d, mode %04o)",
			os.Geteuid(), os.Getegid(), dir, uidOf(info), info.Mode().Perm()).
			WithHint("chown %d %s; or, for any user of the group of root: chgrp 0 %s && chmod 2770 %s", os.Geteuid(), dir, dir, dir)
	case owner == self && !shared(info) && isHeyqs(dir):
		if err := tighten(dir, info); err != nil {
			return err
		}
	}
	for _, name := range files {
		if err := checkFile(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// checkFile checks one of the files that heyq keeps, as Check checks the folder. It
// returns nil if the file is not there.
func checkFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil //nolint:nilerr // the code that opens it says what is wrong with it
	}
	switch owner := ownerOf(info); {
	case owner == stranger:
		return fault.New(fault.Invalid, "%s belongs to the user %d, and heyq runs as %d", path, uidOf(info), os.Geteuid()).
			WithHint("chown %d %s", os.Geteuid(), path)
	case owner == self:
		return tighten(path, info)
	case info.Mode().Perm()&0o007 != 0:
		return fault.New(fault.Invalid, "everybody may read %s (its mode is %04o)", path, info.Mode().Perm()).WithHint("chmod o= %s", path)
	}
	return nil
}

// tighten removes the permissions of the group and of others from a file or a
// folder. On a read-only file system it changes nothing, and returns nil: no
// user can write there either.
func tighten(path string, info fs.FileInfo) error {
	mode := info.Mode()
	if mode.Perm()&0o077 == 0 {
		return nil
	}
	err := os.Chmod(path, mode&^0o077)
	if err != nil && !errors.Is(err, syscall.EROFS) {
		return fault.Wrap(err, fault.Invalid, "others may look into %s (its mode is %04o)", path, mode.Perm()).WithHint("chmod go= %s", path)
	}
	return nil
}

// shared reports whether a folder belongs to a group on purpose. Either it is setgid,
// so that new files get its group; or its group is root's and may write, as in a
// container that runs under any user.
func shared(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return info.Mode()&fs.ModeSetgid != 0 || ok && stat.Gid == 0 && info.Mode().Perm()&0o020 != 0
}

// isHeyqs reports whether a folder is heyq's alone: it is empty, or heyq has been at
// work in it. Any other folder may hold other things as well, such as a home.
func isHeyqs(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && (len(entries) == 0 || slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return slices.Contains(files, e.Name())
	}))
}

// owner says who owns a file or a folder.
type owner int

const (
	self owner = iota
	root       // or of the group of root that this user is in
	stranger
)

func ownerOf(info fs.FileInfo) owner {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == os.Geteuid() {
		return self
	}
	groups, _ := os.Getgroups()
	inRoot := os.Getegid() == 0 || slices.Contains(groups, 0)
	if stat.Uid == 0 || os.Geteuid() != 0 && stat.Gid == 0 && inRoot {
		return root
	}
	return stranger
}

func uidOf(info fs.FileInfo) uint32 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return stat.Uid
}
