package chaos

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"heyq/internal/fault"
	"heyq/internal/testservers"
)

// What may lie on a disk of its own, which can be full, slow or without power.
const (
	onDiskPostgres = "postgres" // its data
	onDiskRedis    = "redis"    // its append-only file
	onDiskMedia    = "media"
	onDiskHome     = "home" // HEYQ_DIR of each process, with the spool
)

// wholeMachine is everything that a machine would lose.
var wholeMachine = []string{onDiskPostgres, onDiskRedis, onDiskMedia, onDiskHome}

// diskSize is of the disk, of which most is never used.
const diskSize = 1 << 30

// openDisk makes the disk, if something is to lie on it. If this user may not
// have one, all of it lies in the folder, and s.disk is nil.
func (s *stage) openDisk(ctx context.Context) error {
	if len(s.o.OnDisk) == 0 {
		return nil
	}
	disk, err := testservers.NewDisk(ctx, s.path("disk.img"), diskSize)
	if err != nil {
		return nil //nolint:nilerr // its faults say that they are left out
	}
	s.disk = disk
	s.onClose(func() error {
		if s.o.Keep == "" {
			return disk.Close()
		}
		return errors.Join(os.CopyFS(s.path("disk"), os.DirFS(disk.Dir)), disk.Close())
	})
	return nil
}

// place is the folder of something that may lie on the disk.
func (s *stage) place(what string, elements ...string) string {
	root := s.dir
	if s.disk != nil && slices.Contains(s.o.OnDisk, what) {
		root = s.disk.Dir
	}
	return filepath.Join(append([]string{root}, elements...)...)
}

// flushDisk lets a power cut spare what stood there before heyq: the folders and
// the servers' data, which a machine has had for long.
func (s *stage) flushDisk() error {
	if s.disk == nil {
		return nil
	}
	return s.disk.Flush()
}

// home is HEYQ_DIR of a process.
func (s *stage) home(process string) string { return s.place(onDiskHome, process) }

// wantsDisk is what a scenario lacks if this user may not have a disk.
func wantsDisk(ctx context.Context, _ Options) error {
	dir, err := os.MkdirTemp("", "heyq-chaos-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	disk, err := testservers.NewDisk(ctx, filepath.Join(dir, "disk.img"), 16<<20)
	if err != nil {
		return fault.New(fault.Unavailable, "this scenario needs a disk of its own: %v", err).WithHint("only root on Linux may mount one")
	}
	return disk.Close()
}
