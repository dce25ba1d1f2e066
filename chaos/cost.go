package chaos

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// Cost is what the worker that cost most took while a fault lasted.
type Cost struct {
	CPU   float64 `json:"cpu"`       // cores
	Lines float64 `json:"log_lines"` // a second
}

// longEnough is how long a fault has to last for its cost to mean something.
const longEnough = 5 * time.Second

// meter stands at the beginning of a measurement.
type meter struct {
	at    time.Time
	usage map[string]usage
}

type usage struct {
	pid   int
	cpu   time.Duration
	lines int
}

func (s *stage) meter() meter {
	m := meter{time.Now(), map[string]usage{}}
	for _, c := range s.workers {
		m.usage[c.name] = usageOf(c)
	}
	return m
}

// cost is nil if it cannot be told: the fault was too short, or the system does
// not say.
func (s *stage) cost(since meter) *Cost {
	took := time.Since(since.at)
	if took < longEnough {
		return nil
	}
	var most *Cost
	for _, c := range s.workers {
		before, now := since.usage[c.name], usageOf(c)
		if now.cpu == 0 || now.pid != before.pid {
			continue
		}
		if most == nil {
			most = &Cost{}
		}
		most.CPU = max(most.CPU, (now.cpu-before.cpu).Seconds()/took.Seconds())
		most.Lines = max(most.Lines, float64(now.lines-before.lines)/took.Seconds())
	}
	return most
}

func usageOf(c *child) usage {
	log, _ := os.ReadFile(c.logPath()) // not there yet: no lines
	pid := c.pid()
	return usage{pid, cpuOf(pid), bytes.Count(log, []byte("\n"))}
}

// cpuOf is the time that a process has computed for; 0 if the system does not
// say.
func cpuOf(pid int) time.Duration {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// Behind the name, which may hold anything, come state, parent and so on;
	// user and system time are the 12th and 13th of them, in hundredths.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(string(fields[11]))
	system, _ := strconv.Atoi(string(fields[12]))
	return time.Duration(user+system) * 10 * time.Millisecond
}
