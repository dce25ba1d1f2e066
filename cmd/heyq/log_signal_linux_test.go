package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// The way in where neither the API nor Redis answers.
func TestE2E_log_level_by_signal(t *testing.T) {
	t.Parallel()
	c := startProcess(t, []string{"PATH=" + os.Getenv("PATH"), "HEYQ_LOG_FORMAT=json"}, "up", "--dir", t.TempDir(), "--addr", "127.0.0.1:0")
	c.waitFor(t, "heyq up is running")
	for _, want := range []string{"debug", "info"} {
		if err := c.command.Process.Signal(syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		if line := c.waitFor(t, `"to":"`+want+`"`); !strings.Contains(line, "the log level is changed") {
			t.Errorf("it says %s", line)
		}
	}
}
