package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Child is a running heyq process and the log that it writes.
type Child struct {
	name string
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when it has been waited for
}

// patience is how long a child may take to end before it is killed.
const patience = 15 * time.Second

// Launch starts heyq with args in dir. ended is called when it ends, whatever
// the reason.
func Launch(name, binary, dir string, environ []string, ended func(error), args ...string) (*Child, error) {
	c := &Child{name: name, cmd: exec.Command(binary, args...), log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	out, err := os.Create(c.log)
	if err != nil {
		return nil, err
	}
	defer out.Close() // the child has its own copy
	c.cmd.Dir, c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = dir, environ, out, out
	// A group of its own, so that Ctrl-C reaches us alone; and it ends with us.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}

	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the kernel looks at the thread that started it, not at the process
		defer runtime.UnlockOSThread()
		defer close(c.done)
		err := c.cmd.Start()
		started <- err
		if err == nil {
			err = c.cmd.Wait()
			ended(fmt.Errorf("heyq %s ended (%v): %s", name, err, c.tail()))
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start heyq %s: %w", name, err)
	}
	return c, nil
}

// Pid is the process's number.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Stop ends the child in good order; one that does not obey is killed, which
// is an error.
func (c *Child) Stop() error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // fails only if it has ended already
	select {
	case <-c.done:
		return nil
	case <-time.After(patience):
	}
	_ = c.cmd.Process.Kill()
	<-c.done
	return fmt.Errorf("heyq %s did not stop within %s and was killed", c.name, patience)
}

// Listening waits until a server takes connections at addr.
func Listening(ctx context.Context, addr string) error {
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// tail returns the last lines of the log.
func (c *Child) tail() string {
	b, err := os.ReadFile(c.log)
	if err != nil {
		return "no log: " + err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}
