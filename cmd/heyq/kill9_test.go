//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestE2E_kill9 kills `heyq up` with 100 videos in flight, at random moments
// and again and again. In the end each is completed, and each was billed once.
// HEYQ_TEST_ROUNDS says how often the whole is done, HEYQ_TEST_SEED with which
// moments.
func TestE2E_kill9(t *testing.T) {
	binary := heyqBinary(t)
	rounds, seed := testNumber(t, "HEYQ_TEST_ROUNDS", 3), testNumber(t, "HEYQ_TEST_SEED", time.Now().UnixNano())
	for n := range rounds {
		t.Run(fmt.Sprintf("seed %d", seed+n), func(t *testing.T) {
			killRound(t, binary, rand.New(rand.NewPCG(uint64(seed+n), 0)))
		})
	}
}

func testNumber(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// killRound makes 100 videos with a heyq that dies after a moment, until all
// of them are completed.
func killRound(t *testing.T, binary string, chance *rand.Rand) {
	const videos = 100
	dir, addr := t.TempDir(), freeAddr(t)
	environ := []string{"HEYQ_URL=http://" + addr}

	child := startChild(t, binary, dir, addr)
	heyq(t, environ, "videos", "import", writeCSV(t, "title,script,avatar_id,voice_id\n"+
		strings.Repeat("Hello,Hello there,avatar_1,voice_1\n", videos))).wantOK(t)

	kills, deadline := 0, time.Now().Add(2*time.Minute)
	for completed := 0; completed < videos; {
		life := time.After(time.Duration(50+chance.IntN(1500)) * time.Millisecond)
		for alive := true; alive && completed < videos; {
			select {
			case <-life:
				child.kill()
				kills++
				child, alive = startChild(t, binary, dir, addr), false
			case <-time.After(50 * time.Millisecond): // how often to look
				completed = countCompleted(t, environ)
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d videos are completed after %d kills; the end of the log:\n%s", completed, videos, kills, child.kill())
		}
	}

	l, err := readLedger(t.Context(), child.simulator)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Renders) != videos {
		t.Errorf("%d renders were billed, want %d", len(l.Renders), videos)
	}
	if o := heyq(t, environ, "videos", "list", "--per-page", "1000", "--json").wantOK(t); strings.Count(o.stdout, `"state": "completed"`) != videos {
		t.Errorf("not all videos are completed: %s", o.stdout)
	}
	if err := child.stop(); err != nil {
		t.Errorf("the last one did not stop well: %v\n%s", err, child.kill())
	}
	wantNoParts(t, dir)
	t.Logf("%d videos, %d kills", videos, kills)
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// countCompleted asks the heyq, which may be dying or not yet there.
func countCompleted(t *testing.T, environ []string) int {
	t.Helper()
	o := heyq(t, environ, "videos", "list", "--state", "completed", "--per-page", "1", "--json")
	if o.code != 0 {
		return 0
	}
	return decode[struct{ Pagination struct{ Total int } }](t, o).Pagination.Total
}

// wantNoParts looks for downloads that nobody finished, and nobody swept away.
func wantNoParts(t *testing.T, dir string) {
	t.Helper()
	var parts []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".part") {
			parts = append(parts, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) > 0 {
		t.Errorf("%d part files are left over, such as %s", len(parts), parts[0])
	}
}

// upChild is a `heyq up` in a process of its own.
type upChild struct {
	command   *exec.Cmd
	ended     chan error
	log       bytes.Buffer // to be read when it has ended
	simulator string       // URL
}

// startChild starts one and waits until it says that it is running. It dies
// with the test, however that ends.
func startChild(t *testing.T, binary, dir, addr string) *upChild {
	t.Helper()
	c := &upChild{ended: make(chan error, 1)}
	c.command = exec.Command(binary, "up", "--dir", dir, "--addr", addr, "--render-time", "300ms")
	c.command.Env = []string{"PATH=" + os.Getenv("PATH")}
	c.command.Stderr = &c.log
	c.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := c.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}

	started := make(chan error)
	go func() { // the kernel ties the child to the thread that started it
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.command.Start()
		started <- err
		if err == nil {
			c.ended <- c.command.Wait()
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.kill() })
	ready := make(chan string, 1)
	go readUntilReady(stdout, ready)
	select {
	case c.simulator = <-ready:
	case <-time.After(time.Minute):
	}
	if c.simulator == "" {
		t.Fatalf("heyq up does not run; the end of its log:\n%s", c.kill())
	}
	return c
}

// readUntilReady finds the simulator's URL in what a heyq says at its start.
func readUntilReady(stdout io.Reader, ready chan<- string) {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "the simulator at "); ok {
			ready <- strings.Fields(rest)[0]
		}
	}
	close(ready)
}

// kill is kill -9. It returns, when the process is gone, the end of its log.
func (c *upChild) kill() string {
	_ = c.command.Process.Kill()
	err := <-c.ended
	c.ended <- err
	const most = 4000
	text := c.log.String()
	return text[max(0, len(text)-most):]
}

func (c *upChild) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := c.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-c.ended:
		c.ended <- err
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
