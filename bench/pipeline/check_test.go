package main

import (
	"io"
	"os"
	"testing"
	"time"
)

// A run that lost a video, or paid twice, must not pass.
func TestReport_check(t *testing.T) {
	good := outcome{states: map[string]int{"completed": 3}, files: 3, bytes: 9}
	for _, test := range []struct {
		name     string
		outcome  outcome
		accepted int
		right    bool
	}{
		{"all completed", good, 3, true},
		{"billed twice", good, 4, false},
		{"one failed", outcome{states: map[string]int{"completed": 2, "failed": 1}, files: 3, bytes: 9}, 3, false},
		{"a file is missing", outcome{states: good.states, files: 2, bytes: 9}, 3, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r report
			r.check(test.outcome, test.accepted, 3)
			if err := r.verdict(); (err == nil) != test.right {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestParse_refuses(t *testing.T) {
	for _, args := range [][]string{
		{"-videos", "0"},
		{"-workers", "0"},
		{"-queued", "1000,many"},
		{"-worker-env", "HEYQ_WINDOW"},
		{"surprise"},
		{"-compare", "apples"},
		{"-compare", "stats", "-pairs", "0"},
	} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

func TestReadStat_of_this_process(t *testing.T) {
	until := time.Now().Add(100 * time.Millisecond)
	for time.Now().Before(until) { // burns CPU time to be seen
		_ = fileSystemOrNothing()
	}
	s, err := readStat(os.Getpid())
	if err != nil || s.parent != os.Getppid() || s.cpu < tick {
		t.Errorf("got %+v, %v", s, err)
	}
	if peak(os.Getpid()) < 1<<20 {
		t.Errorf("peak RSS is %d", peak(os.Getpid()))
	}
	if busy, err := machineBusy(); err != nil || busy < s.cpu {
		t.Errorf("the machine was busy for %s, this process for %s (%v)", busy, s.cpu, err)
	}
}

func fileSystemOrNothing() string {
	kind, _ := fileSystem("/proc")
	return kind
}

func TestFileSystem(t *testing.T) {
	if kind, err := fileSystem("/proc/self"); err != nil || kind != "proc" {
		t.Errorf("/proc/self is on %s (%v)", kind, err)
	}
}
