package testservers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is a running server: one child of ours and the log it writes.
type process struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when the child has been waited for
}

// launch starts the program in dir, with its output appended to the log file.
// If account is not nil, the child runs as that user.
func launch(account *account, dir, log, program string, args ...string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	defer out.Close() // the child has its own copy

	p := &process{cmd: exec.Command(program, args...), log: log, done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, out, out
	p.cmd.SysProcAttr = attributes(account)

	started := make(chan error, 1)
	go func() {
		// The kernel ends the child when the thread that started it ends, and
		// not only when the process does. So one thread stays with it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.done)
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended is in its log
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// ready calls check until it succeeds, the process ends or ctx does.
func (p *process) ready(ctx context.Context, check func(context.Context) error) error {
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%w: %s", errEnded, p.tail())
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w (%w): %s", ctx.Err(), err, p.tail())
		case <-tick.C:
		}
	}
}

// errEnded says that a server ended before it was ready.
var errEnded = errors.New("ended at start")

// end sends the signal and waits. A process that does not obey within patience
// is killed, which is an error.
func (p *process) end(signal os.Signal, patience time.Duration) error {
	_ = p.cmd.Process.Signal(signal) // fails only if it has ended already
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
	}
	p.kill()
	return fmt.Errorf("%s did not stop within %s and was killed: %s", p.cmd.Path, patience, p.tail())
}

// kill ends the process as a power cut would, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.done
}

// tail returns the last lines of the log, in one line.
func (p *process) tail() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return "no log: " + err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}
