//go:build linux

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"heyq/internal/testkit"
)

// child is a heyq in a process of its own. It dies with the test.
type child struct {
	command *exec.Cmd
	ended   chan struct{}
	err     error // once ended

	mu  sync.Mutex
	out []string // lines of standard output
	log []string // lines of standard error
}

// startProcess starts heyq with args.
func startProcess(t *testing.T, environ []string, args ...string) *child {
	t.Helper()
	return startCommand(t, environ, exec.Command(heyqBinary(t), args...))
}

// startCommand starts what becomes a heyq.
func startCommand(t *testing.T, environ []string, command *exec.Cmd) *child {
	t.Helper()
	c := &child{command: command, ended: make(chan struct{})}
	c.command.Env = environ
	c.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := c.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := c.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan error)
	go func() { // the kernel ties the child to the thread that started it
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.command.Start()
		started <- err
		if err != nil {
			return
		}
		var read sync.WaitGroup
		read.Go(func() { c.read(stdout, &c.out) })
		read.Go(func() { c.read(stderr, &c.log) })
		read.Wait()
		c.err = c.command.Wait()
		close(c.ended)
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			t.Logf("the end of the log of %s, %d:\n%s", command, c.pid(), strings.Join(c.tail(30), "\n"))
		}
	})
	return c
}

func (c *child) read(from io.Reader, to *[]string) {
	for lines := bufio.NewScanner(from); lines.Scan(); {
		c.mu.Lock()
		*to = append(*to, lines.Text())
		c.mu.Unlock()
	}
}

func (c *child) pid() int { return c.command.Process.Pid }

// waitFor waits for a line with text, on either stream, and returns the line.
func (c *child) waitFor(t *testing.T, text string) (line string) {
	t.Helper()
	testkit.Eventually(t, func() error {
		if line = c.said(text); line == "" {
			return &silent{text}
		}
		return nil
	})
	return line
}

// tells waits for a line with label and returns the word behind it.
func (c *child) tells(t *testing.T, label string) string {
	t.Helper()
	_, rest, _ := strings.Cut(c.waitFor(t, label), label)
	return strings.Fields(rest)[0]
}

type silent struct{ text string }

func (s *silent) Error() string { return "it does not say " + strconv.Quote(s.text) }

// said returns the first line with text; "": there is none.
func (c *child) said(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, lines := range [][]string{c.out, c.log} {
		for _, line := range lines {
			if strings.Contains(line, text) {
				return strings.TrimSpace(line)
			}
		}
	}
	return ""
}

// logged counts the lines of its log so far.
func (c *child) logged() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.log)
}

func (c *child) tail(n int) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log[max(0, len(c.log)-n):]
}

func (c *child) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := c.command.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// kill is kill -9. It returns when the process is gone.
func (c *child) kill() {
	_ = c.command.Process.Kill()
	<-c.ended
}

// mostEnd is how long a process may take to end. Ten seconds are promised, and
// the storms of chaos/ measure them; what holds an end up lasts for half a minute at
// least, so a busy machine gets twice the time.
const mostEnd = 20 * time.Second

// stop is SIGTERM. It fails the test if the end takes longer than mostEnd, and
// returns how long it took.
func (c *child) stop(t *testing.T) time.Duration {
	t.Helper()
	start := time.Now()
	c.signal(t, syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(mostEnd):
		t.Fatalf("it does not stop within %s", mostEnd)
	}
	if c.err != nil {
		t.Errorf("it stopped with %v", c.err)
	}
	return time.Since(start)
}

// cpu is the processor time that it has used so far.
func (c *child) cpu(t *testing.T) time.Duration {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(c.pid()) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	// The second field may hold spaces and ends with the last bracket.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks int
	for _, field := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100
}
