package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"heyq/internal/testservers"
)

// openDoor chooses the API's address, and where HeyGen reaches it.
func (s *stage) openDoor(context.Context) error {
	addr, err := testservers.FreeAddr()
	if err != nil {
		return err
	}
	s.apiURL = "http://" + addr
	if s.door, err = openDoor(s.apiURL); err != nil {
		return err
	}
	s.onClose(s.door.close)
	return nil
}

// openProcesses starts heyq, each role in processes of its own.
func (s *stage) openProcesses(ctx context.Context) (err error) {
	if s.api, err = s.process("api", "api", "HEYQ_ADDR="+strings.TrimPrefix(s.apiURL, "http://")); err != nil {
		return err
	}
	for n := range s.o.Workers {
		var more []string
		if s.o.WorkerEnviron != nil {
			more = s.o.WorkerEnviron(n)
		}
		c, err := s.process(workerName(n), "worker", more...)
		if err != nil {
			return err
		}
		s.workers = append(s.workers, c)
	}
	for n := range schedulers {
		c, err := s.process(schedulerName(n), "scheduler")
		if err != nil {
			return err
		}
		s.schedulers = append(s.schedulers, c)
	}
	if err := s.flushDisk(); err != nil {
		return err
	}
	for _, c := range s.children() {
		if err := c.start(); err != nil {
			return err
		}
		s.onClose(func() error { c.close(); return nil })
	}
	return s.ready(ctx)
}

const schedulers = 2

// operatorToken guards the API, as in production.
const operatorToken = "the-operator-token-of-chaos"

func workerName(n int) string    { return "worker-" + strconv.Itoa(n+1) }
func schedulerName(n int) string { return "scheduler-" + strconv.Itoa(n+1) }

// process makes one that is not started, with a folder of its own. It is an old one
// if there is one.
func (s *stage) process(name, command string, environ ...string) (*child, error) {
	dir := s.path(name)
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.MkdirAll(s.home(name), 0o755)); err != nil {
		return nil, err
	}
	return &child{
		name: name, binary: cmp.Or(s.o.Old, s.o.Binary), args: []string{command}, dir: dir,
		environ: append(s.environ(name), environ...),
	}, nil
}

func (s *stage) environ(name string) []string {
	environ := append([]string{
		"HEYQ_DIR=" + s.home(name),
		"HEYQ_MEDIA_URL=file://" + s.media(),
		"DATABASE_URL=" + s.databaseURL(name),
		"REDIS_URL=redis://" + s.toRedis.addr() + "/0",
		"HEYGEN_API_URL=" + s.heygen.url,
		"HEYGEN_API_KEY=chaos",
		"HEYGEN_CONCURRENCY=" + strconv.Itoa(s.o.Slots),
		"HEYQ_ADDR=127.0.0.1:0",
		"HEYQ_OPERATOR_TOKEN=" + operatorToken,
		"HEYQ_PUBLIC_URL=" + s.door.url,
		"HEYQ_MAX_VIDEO_BYTES=32MiB",
		"HEYQ_NOTIFY_URL=" + s.receiver.url,
		"HEYQ_NOTIFY_SECRET=" + notifySecret,
		"HEYQ_NOTIFY_ALLOW_PRIVATE=true",
		"HEYQ_BREAKER_OPEN=2s", // a minute would be longer than most faults
		"HEYQ_LOG_FORMAT=json",
	}, s.o.Timing.environ()...)
	return environ
}

// media is the folder that all processes publish to.
func (s *stage) media() string { return s.place(onDiskMedia, "media") }

// migrate brings a schema up to date, as an operator who installs heyq would.
func (s *stage) migrate(ctx context.Context, databaseURL string) error {
	if err := os.MkdirAll(s.media(), 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, s.o.Binary, "migrate", "up")
	cmd.Env = []string{"DATABASE_URL=" + databaseURL, "REDIS_URL=redis://" + s.toRedis.addr() + "/0"}
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("migrate: %w: %s", err, out)
	}
	return nil
}
