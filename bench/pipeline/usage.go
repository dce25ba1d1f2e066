package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// processes are the rows of the table, in its order. All workers are one row.
var processes = []string{"api", "worker", "simulator", "postgres", "redis", "bench"}

// usage is CPU time by process.
type usage map[string]time.Duration

// sum is the CPU time of all.
func (u usage) sum() (total time.Duration) {
	for _, d := range u {
		total += d
	}
	return total
}

// since is what was used after an earlier reading.
func (u usage) since(before usage) usage {
	used := usage{}
	for name, d := range u {
		used[name] = d - before[name]
	}
	return used
}

// pids lists the processes of a row. Postgres' are the postmaster and the
// children that it has now.
func (s *stack) pids() (map[string][]int, error) {
	postgres := s.postgres.PID()
	backends, err := childrenOf(postgres)
	if err != nil {
		return nil, err
	}
	p := map[string][]int{
		"api": {s.api.Pid()}, "simulator": {s.simulator.Pid()}, "redis": {s.redis.PID()},
		"postgres": append(backends, postgres), "bench": {os.Getpid()},
	}
	for _, w := range s.workers {
		p["worker"] = append(p["worker"], w.Pid())
	}
	return p, nil
}

// usage reads what each process has used so far. A backend that has ended is
// counted by its postmaster.
func (s *stack) usage() (usage, error) {
	pids, err := s.pids()
	if err != nil {
		return nil, err
	}
	u := usage{}
	for name, list := range pids {
		for _, pid := range list {
			st, err := readStat(pid)
			if err != nil && name == "postgres" && pid != s.postgres.PID() {
				continue // it has ended since, and its time is the postmaster's
			}
			if err != nil {
				return nil, err
			}
			u[name] += st.cpu
		}
	}
	return u, nil
}

// peaks reads the largest resident set that each process has had, in bytes: of
// several workers or backends, that of the largest one.
func (s *stack) peaks() (map[string]int64, error) {
	pids, err := s.pids()
	if err != nil {
		return nil, err
	}
	peaks := map[string]int64{}
	for name, list := range pids {
		for _, pid := range list {
			peaks[name] = max(peaks[name], peak(pid))
		}
	}
	return peaks, nil
}

// stat is what /proc/PID/stat tells.
type stat struct {
	parent int
	cpu    time.Duration // of the process, and of its children that it has waited for
}

// tick is the unit of the times in /proc, on every Linux that Go knows.
const tick = 10 * time.Millisecond

func readStat(pid int) (s stat, err error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return s, err
	}
	// The name, in brackets, may hold anything. What follows it are the fields
	// 3 and on: 4 is the parent, 14 to 17 are times.
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < 15 {
		return s, fmt.Errorf("/proc/%d/stat: %q is not understood", pid, b)
	}
	s.parent, err = strconv.Atoi(f[1])
	for _, field := range f[11:15] {
		ticks, bad := strconv.ParseInt(field, 10, 64)
		if bad != nil {
			err = bad
		}
		s.cpu += time.Duration(ticks) * tick
	}
	return s, err
}

func childrenOf(parent int) (list []int, err error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if s, err := readStat(pid); err == nil && s.parent == parent { // others end all the time
			list = append(list, pid)
		}
	}
	return list, err
}

// peak reads VmHWM; 0 if the process has ended.
func peak(pid int) int64 {
	b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// machineBusy is the CPU time that all programs on this machine have used.
func machineBusy() (busy time.Duration, err error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(b), "\n") // cpu user nice system idle iowait irq softirq steal
	for i, field := range strings.Fields(line) {
		ticks, _ := strconv.ParseInt(field, 10, 64)
		switch i {
		case 1, 2, 3, 6, 7, 8:
			busy += time.Duration(ticks) * tick
		}
	}
	return busy, nil
}

// fileSystem names the type of the file system that holds path.
func fileSystem(path string) (string, error) {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	kind, longest := "unknown", -1
	for line := range strings.Lines(string(b)) {
		before, after, _ := strings.Cut(line, " - ")
		f, g := strings.Fields(before), strings.Fields(after)
		if len(f) < 5 || len(g) < 1 {
			continue
		}
		mount := f[4]
		inside, err := filepath.Rel(mount, path)
		if err == nil && inside != ".." && !strings.HasPrefix(inside, "../") && len(mount) >= longest {
			kind, longest = g[0], len(mount)
		}
	}
	return kind, nil
}
