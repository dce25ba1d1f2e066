package testservers_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"heyq/internal/testkit"
)

// Servers must not outlive a test binary that was killed. The binary is this
// one, run again as the victim.
func TestServers_die_with_their_process(t *testing.T) {
	const victim = "TESTKIT_VICTIM"
	if os.Getenv(victim) != "" {
		r, p := testkit.StartRedis(t), testkit.StartPostgres(t)
		pids := strconv.Itoa(r.PID()) + " " + strconv.Itoa(p.PID())
		if err := os.WriteFile(os.Getenv(victim), []byte(pids), 0o600); err != nil {
			t.Fatal(err)
		}
		select {} // until the kill
	}

	t.Parallel()
	testkit.StartPostgres(t) // skips if there is none
	note := filepath.Join(t.TempDir(), "pids")
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), victim+"="+note, "TMPDIR="+t.TempDir()) // so that it leaves nothing there
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	testkit.Eventually(t, func() error {
		b, err := os.ReadFile(note)
		pids = nil
		for _, f := range strings.Fields(string(b)) {
			pid, err := strconv.Atoi(f)
			if err != nil {
				return err
			}
			pids = append(pids, pid)
		}
		if len(pids) != 2 {
			return errors.Join(errors.New("the victim has not started its servers"), err)
		}
		return nil
	})
	if err := errors.Join(cmd.Process.Kill(), cmd.Wait()); err == nil {
		t.Fatal("the victim ended by itself")
	}
	testkit.Eventually(t, func() error {
		for _, pid := range pids {
			if running(pid) {
				return errors.New("still running: " + strconv.Itoa(pid))
			}
		}
		return nil
	})
}

// running reports whether a process is at work; one that has ended and was not
// waited for yet is not.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}
