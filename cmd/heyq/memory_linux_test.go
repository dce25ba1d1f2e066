package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// In a container heyq's collector of garbage knows what the container may have.
// A user who may make no cgroup has nothing to try it in, and is told so.
func TestE2E_memory_limit(t *testing.T) {
	t.Parallel()
	const most = 256 << 20
	join, ok := newMemoryGroup(t, most)
	if !ok {
		t.Skip("not tried: this user may make no cgroup with a limit of memory here")
	}
	dir, addr := t.TempDir(), freeAddr(t)
	shell := exec.Command("sh", "-c", join+` && exec "$0" "$@"`, heyqBinary(t), "up", "--dir", dir, "--addr", addr)
	c := startCommand(t, []string{"PATH=" + os.Getenv("PATH")}, shell)
	c.waitFor(t, "heyq up is running")
	answer := get(t, []string{"HEYQ_DIR=" + dir, "HEYQ_URL=http://" + addr}, "/metrics")
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^go_gc_gomemlimit_bytes (\S+)$`).FindSubmatch(content)
	if found == nil {
		t.Fatal("/metrics does not tell the limit")
	}
	if limit, err := strconv.ParseFloat(string(found[1]), 64); err != nil || limit < 0.8*most || limit >= most {
		t.Errorf("the limit is %s bytes (%v), in a container of %d", found[1], err, int(most))
	}
	c.stop(t)
}

// newMemoryGroup makes a cgroup with a limit, of either version, and returns the
// line of shell with which a process joins it.
func newMemoryGroup(t *testing.T, most int) (join string, ok bool) {
	t.Helper()
	for _, v := range []struct{ root, limit, processes string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "cgroup.procs"},
		{"/sys/fs/cgroup", "memory.max", "cgroup.procs"},
	} {
		dir := filepath.Join(v.root, fmt.Sprintf("heyq-test-%d", os.Getpid()))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { _ = os.Remove(dir) }) // the kernel's files go with it
		if os.WriteFile(filepath.Join(dir, v.limit), []byte(strconv.Itoa(most)), 0o644) == nil {
			return "echo $$ > " + filepath.Join(dir, v.processes), true
		}
	}
	return "", false
}
