package testkit

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Freeze stops a process and its children in the middle of whatever they do, as
// a machine that hangs would: connections stay open and get no answer. thaw
// lets them go on; the end of the test does so at the latest.
func Freeze(t testing.TB, pid int) (thaw func()) {
	t.Helper()
	family := append([]int{pid}, children(t, pid)...)
	for _, pid := range family {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatalf("freeze %d: %v", pid, err)
		}
	}
	thaw = sync.OnceFunc(func() {
		for _, pid := range family {
			_ = syscall.Kill(pid, syscall.SIGCONT) // a child may be gone
		}
	})
	t.Cleanup(thaw)
	return thaw
}

func children(t testing.TB, pid int) (pids []int) {
	t.Helper()
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		t.Fatal(err)
	}
	for word := range strings.FieldsSeq(string(list)) {
		child, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, child)
	}
	return pids
}
