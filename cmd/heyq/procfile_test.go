//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

// runner is a Procfile runner with what it runs, in a process group of its own.
type runner struct {
	command *exec.Cmd
	ended   chan error

	mu    sync.Mutex
	lines []string
}

// startProcfile starts the repository's Procfile, as a user does who has built
// heyq and written an .env.
func startProcfile(t *testing.T, environ []string) *runner {
	t.Helper()
	nf := filepath.Join(testkit.NPM(t, "foreman@3.0.1"), "node_modules", ".bin", "nf")
	dir := t.TempDir()
	procfile, err := os.ReadFile("../../Procfile")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"Procfile": string(procfile), ".env": strings.Join(environ, "\n") + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "bin"), 0o755), os.Symlink(heyqBinary(t), filepath.Join(dir, "bin", "heyq"))); err != nil {
		t.Fatal(err)
	}
	r := &runner{command: exec.Command(nf, "start"), ended: make(chan error, 1)}
	r.command.Dir, r.command.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	r.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, err := r.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r.command.Stderr = r.command.Stdout
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(output); lines.Scan(); { // until the runner has closed it
			r.mu.Lock()
			r.lines = append(r.lines, lines.Text())
			r.mu.Unlock()
		}
		r.ended <- r.command.Wait()
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-r.command.Process.Pid, syscall.SIGKILL)
		if t.Failed() {
			r.mu.Lock()
			defer r.mu.Unlock()
			t.Log(strings.Join(r.lines, "\n"))
		}
	})
	return r
}

// said returns what stands behind text in the first line that holds it; "": none
// does.
func (r *runner) said(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		if _, rest, found := strings.Cut(line, text); found {
			return rest
		}
	}
	return ""
}

// A Procfile runner starts the roles, a video goes through, and all of them end
// when they are told to.
func TestE2E_procfile_real(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir, database := t.TempDir(), testkit.Postgres(t)
	environ := []string{
		"DATABASE_URL=" + database, "REDIS_URL=" + testkit.Redis(t), "HEYQ_DIR=" + dir, "HEYQ_ADDR=127.0.0.1:0",
		"HEYGEN_API_KEY=key", "HEYGEN_API_URL=" + serveHeyGen(t, sim), "HEYQ_POLL_INTERVAL=100ms",
	}
	heyq(t, environ, "migrate", "up").wantOK(t)
	r := startProcfile(t, environ)
	var url string
	testkit.Eventually(t, func() error {
		for _, role := range []string{"api", "worker", "scheduler"} {
			if r.said("heyq "+role+" is") == "" {
				return fmt.Errorf("%s does not run", role)
			}
		}
		if url = strings.TrimSpace(strings.TrimSuffix(r.said("API docs"), "/docs")); url == "" {
			return errors.New("the API does not say where it is")
		}
		return nil
	})
	user := []string{"HEYQ_URL=" + url, "HEYQ_DIR=" + dir}
	id := made(t, user, hello...)
	heyq(t, user, "videos", "watch", "--interval", "100ms", id).wantOK(t).want(t, 0, id+"  completed")

	// A create that is under way when all are told to end is neither lost nor held.
	if err := sim.SetFaults(simulator.Faults{Rules: []simulator.Rule{{On: "create", Fault: "hang"}}}); err != nil {
		t.Fatal(err)
	}
	under := made(t, user, hello...)
	conn := (&fleet{database: database}).sql(t)
	eventually(t, conn, 1, `SELECT count(*) FROM videos WHERE state = 'submitting' AND lease_until > now()`)

	began := time.Now()
	if err := syscall.Kill(-r.command.Process.Pid, syscall.SIGTERM); err != nil { // as a supervisor of a group does
		t.Fatal(err)
	}
	select {
	case <-r.ended:
		t.Logf("it took %s to end", time.Since(began).Round(time.Millisecond))
	case <-time.After(mostEnd):
		t.Fatalf("the runner still runs after %s", mostEnd)
	}
	// The runner has ended before them, and no process reads their lines any
	// more.
	eventually(t, conn, 1, `SELECT count(*) FROM videos WHERE id = '`+under+`' AND state = 'submitting' AND lease_until IS NULL AND due_at <= now()`)
	eventually(t, conn, 0, `SELECT count(*) FROM videos WHERE lease_until IS NOT NULL`)
}
