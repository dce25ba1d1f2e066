package chaos

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// child is one heyq process. One that ends without being told to is started
// again after a moment, as a supervisor would.
type child struct {
	name    string // worker-2
	binary  string
	args    []string
	environ []string
	dir     string // of the log

	mu     sync.Mutex
	cmd    *exec.Cmd
	since  time.Time     // when cmd was started
	done   chan struct{} // closed when cmd has been waited for
	down   bool          // stopped on purpose: it is not started again
	ended  error         // how the last one ended
	exits  int           // ends that the run did not ask for
	closed bool
}

// restartAfter is a supervisor's patience.
const restartAfter = 500 * time.Millisecond

// startsFor is how long a process may take to start, on a busy machine. Until then a
// signal ends it as it ends any program, or its start.
const startsFor = 20 * time.Second

// endedInStart reports whether a process ended of a signal (-1), or because its start
// was interrupted (130).
func endedInStart(ended error) bool {
	exit, ok := errors.AsType[*exec.ExitError](ended)
	return ok && (exit.ExitCode() == -1 || exit.ExitCode() == 130)
}

// start starts the process, or does nothing if it runs.
func (c *child) start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.runs() {
		return nil
	}
	c.down = false
	return c.launch()
}

// runs reports whether the process is there. The caller holds the lock.
func (c *child) runs() bool {
	if c.done == nil {
		return false
	}
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// launch starts it. The caller holds the lock.
func (c *child) launch() error {
	log, err := os.OpenFile(c.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", c.name, err)
	}
	defer log.Close() // the child has its own copy
	cmd := exec.Command(c.binary, c.args...)
	cmd.Env, cmd.Dir, cmd.Stderr = c.environ, c.dir, log
	cmd.SysProcAttr = attributes()
	done, started := make(chan struct{}), make(chan error, 1)
	go func() {
		// The kernel ends the child with the thread that started it, so one
		// thread stays with it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.over(cmd.Wait(), done)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", c.name, err)
	}
	c.cmd, c.done, c.since = cmd, done, time.Now()
	return nil
}

// over notes the end of a process, and has it started again if the run did not
// ask for that end.
func (c *child) over(err error, done chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = err
	close(done)
	if c.down || c.closed {
		return
	}
	c.exits++
	time.AfterFunc(restartAfter, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.down && !c.closed && !c.runs() {
			_ = c.launch() // what keeps a program from starting shows in I1
		}
	})
}

func (c *child) logPath() string { return filepath.Join(c.dir, "heyq.log") }

// pid is 0 where nothing runs.
func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.runs() {
		return 0
	}
	return c.cmd.Process.Pid
}

// kill is kill -9. It returns when the process is gone, which stays away until
// start.
func (c *child) kill() {
	if done := c.tell(syscall.SIGKILL); done != nil {
		<-done
	}
}

// stop is SIGTERM, and kill if that does not help within patience.
func (c *child) stop(patience time.Duration) (took time.Duration, err error) {
	began := time.Now()
	done := c.tell(syscall.SIGTERM)
	if done == nil {
		return 0, nil
	}
	select {
	case <-done:
		c.mu.Lock()
		defer c.mu.Unlock()
		if began.Sub(c.since) < startsFor && endedInStart(c.ended) {
			return time.Since(began), nil
		}
		return time.Since(began), c.ended
	case <-time.After(patience):
		c.kill()
		return time.Since(began), errors.New("it did not stop, and was killed")
	}
}

// replace stops the process and starts another program in its place.
func (c *child) replace(binary string, patience time.Duration) (took time.Duration, err error) {
	took, err = c.stop(patience)
	c.mu.Lock()
	c.binary = binary
	c.mu.Unlock()
	return took, errors.Join(err, c.start())
}

// freeze is SIGSTOP, thaw is SIGCONT.
func (c *child) freeze() { c.signal(signalStop) }
func (c *child) thaw()   { c.signal(signalGoOn) }

func (c *child) signal(s os.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs() {
		_ = c.cmd.Process.Signal(s)
	}
}

// tell sends a signal that ends the process, and returns what is closed when it
// has ended; nil: it does not run.
func (c *child) tell(s os.Signal) chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = true
	if !c.runs() {
		return nil
	}
	_ = c.cmd.Process.Signal(s)
	return c.done
}

// close ends the child for good.
func (c *child) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.kill()
}
