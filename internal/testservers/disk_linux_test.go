package testservers_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"heyq/internal/testservers"
)

// A disk of its own is full, slow and without power, and then as good as before.
// If this user may not mount one, it says so.
func TestDisk_real(t *testing.T) {
	t.Parallel()
	image := filepath.Join(t.TempDir(), "image")
	disk, err := testservers.NewDisk(t.Context(), image, 32<<20)
	if os.Geteuid() != 0 {
		if err == nil {
			t.Error("a disk was made")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(disk.Dir, "file")
	write := func(content string, flush bool) error {
		f, err := os.Create(file)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := f.WriteString(content); err != nil || !flush {
			return err
		}
		return f.Sync()
	}
	must(t, disk.Fill())
	if err := write("no room", true); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk says %v", err)
	}
	must(t, disk.Empty())

	const each = 200 * time.Millisecond
	stop := disk.Stall(each)
	began, slowest := time.Now(), time.Duration(0)
	for time.Since(began) < 3*each {
		flushing := time.Now()
		must(t, write("flushed", true))
		slowest = max(slowest, time.Since(flushing))
	}
	must(t, stop())
	if slowest < each/2 {
		t.Errorf("the slowest flush on a slow disk took %s", slowest)
	}

	must(t, os.WriteFile(filepath.Join(disk.Dir, "unflushed"), bytes.Repeat([]byte("x"), 1<<16), 0o600))
	// Another mount namespace, as other programs have them, keeps the file system from
	// being gone when it is unmounted.
	elsewhere := exec.Command("sleep", "60")
	elsewhere.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	must(t, elsewhere.Start())
	defer func() { _ = elsewhere.Process.Kill(); _ = elsewhere.Wait() }()
	must(t, disk.Cut(func() {}))
	if err := os.WriteFile(filepath.Join(disk.Dir, "later"), nil, 0o600); err != nil {
		t.Errorf("after a power cut: %v", err)
	}
	if content, err := os.ReadFile(file); err != nil || string(content) != "flushed" {
		t.Errorf("what was flushed is %q: %v", content, err)
	}
	if content, _ := os.ReadFile(filepath.Join(disk.Dir, "unflushed")); len(content) > 0 {
		t.Errorf("%d bytes that were not flushed are there", len(content))
	}
	must(t, disk.Close())
	if _, err := os.Stat(disk.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
