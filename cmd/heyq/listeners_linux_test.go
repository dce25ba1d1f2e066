package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What runs inside `heyq up`, its Redis and its simulator, has no port of its
// own: others on the machine reach the API and nothing else.
func TestE2E_one_port(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	c := startHeyq(t, t.TempDir(), addr)
	if got := listeners(t, c.pid()); !slices.Equal(got, []string{addr}) {
		t.Errorf("it listens on %s, want %s alone", got, addr)
	}
	c.stop(t)
}

// listeners are the addresses on which a process takes TCP connections.
func listeners(t *testing.T, pid int) (addrs []string) {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d", pid)
	open := map[string]bool{}
	files, err := filepath.Glob(proc + "/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if to, err := os.Readlink(file); err == nil { // some are closed meanwhile
			open[strings.TrimSuffix(strings.TrimPrefix(to, "socket:["), "]")] = true
		}
	}
	for _, table := range []string{"tcp", "tcp6"} {
		content, err := os.ReadFile(proc + "/net/" + table)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			const local, state, inode, listening = 1, 3, 9, "0A"
			if f := strings.Fields(line); len(f) > inode && f[state] == listening && open[f[inode]] {
				addrs = append(addrs, addressIn(t, f[local]))
			}
		}
	}
	return addrs
}

// addressIn reads 0100007F:1F90, an IPv4 address as the kernel shows it; of
// others it returns the text.
func addressIn(t *testing.T, text string) string {
	t.Helper()
	var d, c, b, a byte
	var port uint16
	if n, err := fmt.Sscanf(text, "%02X%02X%02X%02X:%04X", &d, &c, &b, &a, &port); n != 5 || err != nil {
		return text
	}
	return fmt.Sprintf("%d.%d.%d.%d:%d", a, b, c, d, port)
}
