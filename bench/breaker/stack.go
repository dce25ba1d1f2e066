package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"heyq/heygen/heygentest"
	"heyq/internal/servers"
	"heyq/jobs"
	"heyq/store/postgres"
)

// renders are in flight all the time. One call asks about a hundred of them, and
// so many that there is always a call to make, though those that worker 1 has
// failed to ask about wait.
const renders = 3000

// stack is what the rounds are played on.
type stack struct {
	options options
	dir     string
	door    *door
	keys    []string       // of the workers
	opened  chan time.Time // when worker 1 said that its breaker opens
	environ []string
	closers []func() error

	simulator *heygentest.Simulator
}

// start starts everything in a new folder, with renders under way.
func start(ctx context.Context, o options, stderr io.Writer) (_ *stack, err error) {
	s := &stack{options: o, opened: make(chan time.Time, 16)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	for _, step := range []func(context.Context) error{s.makeDir, s.build, s.startServers, s.order, s.startWorkers} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(stderr, "%d workers ask about %d renders; the breaker opens for %s\n", o.workers, renders, o.open)
	return s, nil
}

// close stops everything, the last one first.
func (s *stack) close() error {
	var errs []error
	for _, fn := range slices.Backward(s.closers) {
		errs = append(errs, fn())
	}
	return errors.Join(errs...)
}

func (s *stack) onClose(fn func() error) { s.closers = append(s.closers, fn) }

func (s *stack) makeDir(context.Context) (err error) {
	if s.dir, err = os.MkdirTemp("", "heyq-breaker-"); err != nil {
		return err
	}
	s.onClose(func() error { return os.RemoveAll(s.dir) })
	return os.Chmod(s.dir, 0o755) // Postgres may run as another user, and must get in
}

// build builds heyq from this checkout, unless the caller has one.
func (s *stack) build(ctx context.Context) (err error) {
	if s.options.binary != "" {
		s.options.binary, err = filepath.Abs(s.options.binary)
		return err
	}
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "heyq").Output()
	if err != nil {
		return fmt.Errorf("find heyq's source (run this in bench/breaker, or name a binary with -heyq): %w", err)
	}
	s.options.binary = filepath.Join(s.dir, "heyq")
	// A checkout that belongs to somebody else has no readable version.
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", s.options.binary, "./cmd/heyq")
	build.Dir = strings.TrimSpace(string(root))
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build heyq: %w\n%s", err, out)
	}
	return nil
}

func (s *stack) startServers(ctx context.Context) error {
	redis, err := servers.StartRedis(ctx, s.dir)
	if err != nil {
		return err
	}
	s.onClose(redis.Stop)
	database, err := servers.StartPostgres(ctx, s.dir)
	if err != nil {
		return err
	}
	s.onClose(database.Close)
	url, err := database.CreateDatabase(ctx, "heyq", "")
	if err != nil {
		return err
	}
	s.simulator, err = heygentest.New(heygentest.Options{RenderTime: 24 * time.Hour, Concurrency: 2 * renders})
	if err != nil {
		return err
	}
	s.onClose(s.simulator.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.door = &door{simulator: s.simulator}
	server := &http.Server{Handler: s.door, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	s.onClose(server.Close)
	s.environ = []string{
		"PATH=" + os.Getenv("PATH"), "DATABASE_URL=" + url, "REDIS_URL=" + redis.URL(),
		"HEYGEN_API_URL=http://" + listener.Addr().String(), "HEYGEN_CONCURRENCY=" + strconv.Itoa(2*renders),
		"HEYQ_MEDIA_URL=file://" + filepath.Join(s.dir, "media"), "HEYQ_LOG_FORMAT=json",
		"HEYQ_POLL_INTERVAL=250ms", "HEYQ_CREATE_CONCURRENCY=64", "HEYQ_HEYGEN_TIMEOUT=1s", "HEYQ_BREAKER_OPEN=" + s.options.open.String(),
	}
	return nil
}

// order asks for the renders.
func (s *stack) order(ctx context.Context) error {
	url := strings.TrimPrefix(s.environ[1], "DATABASE_URL=")
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	videos := make([]jobs.NewVideo, 1000)
	for i := range videos {
		videos[i].Render = jobs.Render{Script: "Hello", AvatarID: "avatar_1", VoiceID: "voice_1"}
	}
	for range renders / len(videos) {
		if _, err := jobs.NewClient(db).CreateVideos(ctx, videos); err != nil {
			return err
		}
	}
	return nil
}

// startWorkers starts them one after the other, each with a key of its own, and
// waits until all of them call.
func (s *stack) startWorkers(ctx context.Context) error {
	for i := range s.options.workers {
		s.keys = append(s.keys, "worker-"+strconv.Itoa(i+1))
		if err := s.startWorker(s.keys[i], i == 0); err != nil {
			return err
		}
	}
	accepted := func() bool { return s.simulator.Ledger().Accepted == renders }
	if err := waitFor(ctx, "the last render", accepted); err != nil {
		return err
	}
	return s.allCall(ctx, time.Now())
}

// allCall waits until every worker has made calls since a moment.
func (s *stack) allCall(ctx context.Context, since time.Time) error {
	return waitFor(ctx, "a call of every worker", func() bool {
		calling := map[string]bool{}
		for _, c := range s.door.since(since) {
			calling[c.key] = true
		}
		return len(calling) == len(s.keys)
	})
}

func (s *stack) startWorker(key string, watched bool) error {
	cmd := exec.Command(s.options.binary, "worker", "--dir", filepath.Join(s.dir, key))
	cmd.Dir, cmd.Env = s.dir, append(slices.Clone(s.environ), "HEYGEN_API_KEY="+key)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stderr = write
	started := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		runtime.LockOSThread() // the kernel looks at the thread that started it
		defer runtime.UnlockOSThread()
		defer close(ended)
		err := cmd.Start()
		_ = write.Close()
		if started <- err; err == nil {
			_ = cmd.Wait()
		}
	}()
	go func() {
		for lines := bufio.NewScanner(read); lines.Scan(); {
			if watched && strings.Contains(lines.Text(), "the breaker opens") {
				s.opened <- time.Now()
			}
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.onClose(func() error {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		return read.Close()
	})
	return nil
}

// waitFor polls until it holds.
func waitFor(ctx context.Context, what string, holds func() bool) error {
	deadline := time.Now().Add(2 * time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s did not come within 2 min", what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}
