package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"heyq/bench/internal/rig"
	"heyq/internal/testservers"
)

// stack is a whole heyq at work: one process each of Postgres, Redis, the
// simulator and the API, and any number of workers.
type stack struct {
	options options
	dir     string // everything is below it

	postgres  *testservers.PostgresServer
	redis     *testservers.RedisServer
	simulator *rig.Child
	api       *rig.Child
	workers   []*rig.Child

	db           *pgx.Conn // the benchmark's own
	apiURL       string
	simulatorURL string

	counted counters // where beginDetail found them

	fail    context.CancelCauseFunc // ends the context of start
	closers []func() error          // in the order of starting
}

// start starts everything in a new folder. The context that it returns ends
// when one of the processes does.
func start(ctx context.Context, o options) (_ context.Context, _ *stack, err error) {
	s := &stack{options: o}
	ctx, s.fail = context.WithCancelCause(ctx)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	return ctx, s, inTurn(ctx, s.makeDir, s.startRedis, s.startPostgres, s.migrate, s.startSimulator, s.startAPI, s.startWorkers)
}

// inTurn takes one step after the other until one fails.
func inTurn(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// close stops everything, the last one first, and removes the folder.
func (s *stack) close() error {
	var errs []error
	for _, fn := range slices.Backward(s.closers) {
		errs = append(errs, fn())
	}
	s.closers = nil
	s.fail(nil)
	return errors.Join(errs...)
}

func (s *stack) onClose(fn func() error) { s.closers = append(s.closers, fn) }

func (s *stack) makeDir(context.Context) error {
	dir, err := os.MkdirTemp(s.options.dir, "run-")
	if err != nil {
		return err
	}
	s.dir = dir
	s.onClose(func() error { return os.RemoveAll(dir) })
	return os.Chmod(dir, 0o755) // Postgres may run as another user, and must get in
}

func (s *stack) startRedis(ctx context.Context) (err error) {
	if s.redis, err = testservers.StartRedis(ctx, s.dir); err != nil {
		return err
	}
	s.onClose(s.redis.Stop)
	return nil
}

func (s *stack) startPostgres(ctx context.Context) (err error) {
	set := []testservers.Option{testservers.Durable()}
	if s.options.detail {
		set = append(set, testservers.With("shared_preload_libraries", "pg_stat_statements"))
	}
	for _, pair := range s.options.dbSettings {
		name, value, _ := strings.Cut(pair, "=")
		set = append(set, testservers.With(name, value))
	}
	if s.postgres, err = testservers.StartPostgres(ctx, s.dir, set...); err != nil {
		return err
	}
	s.onClose(s.postgres.Close)
	url, err := s.postgres.CreateDatabase(ctx, database, "")
	if err != nil {
		return err
	}
	if s.db, err = pgx.Connect(ctx, url); err != nil {
		return err
	}
	s.onClose(func() error { return s.db.Close(context.WithoutCancel(ctx)) })
	_, err = s.db.Exec(ctx, `SET enable_seqscan = off; SET jit = off`) // our looks must stay small
	return err
}

const database = "heyq"

// operatorToken guards the API, as in production.
const operatorToken = "the-operator-token-of-the-bench"

func (s *stack) migrate(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, s.options.heyq, "migrate", "up")
	cmd.Dir, cmd.Env = s.dir, s.environ()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("heyq migrate up: %w\n%s", err, out)
	}
	return nil
}

func (s *stack) startSimulator(ctx context.Context) error {
	addr, err := testservers.FreeAddr()
	if err != nil {
		return err
	}
	s.simulatorURL = "http://" + addr
	s.simulator, err = s.launch("simulator", nil, "simulator", "--addr", addr, "--render-time", "0s",
		"--concurrency", strconv.Itoa(s.options.slots), "--plain="+strconv.FormatBool(s.options.plain))
	if err != nil {
		return err
	}
	return rig.Listening(ctx, addr)
}

func (s *stack) startAPI(ctx context.Context) error {
	addr, err := testservers.FreeAddr()
	if err != nil {
		return err
	}
	s.apiURL = "http://" + addr
	s.api, err = s.launch("api", s.options.apiSettings, "api", "--addr", addr, "--dir", filepath.Join(s.dir, "api"))
	if err != nil {
		return err
	}
	return rig.Listening(ctx, addr)
}

func (s *stack) startWorkers(context.Context) error {
	for i := range s.options.workers {
		name := fmt.Sprintf("worker-%d", i+1)
		w, err := s.launch(name, s.options.workerEnv(), "worker", "--dir", filepath.Join(s.dir, name))
		if err != nil {
			return err
		}
		s.workers = append(s.workers, w)
	}
	return nil
}

func (s *stack) launch(name string, settings []string, args ...string) (*rig.Child, error) {
	c, err := rig.Launch(name, s.options.heyq, s.dir, append(s.environ(), settings...), s.fail, args...)
	if err != nil {
		return nil, err
	}
	s.onClose(c.Stop)
	return c, nil
}

// environ is what all heyq processes are told. The caller's own environment
// stays outside, or it would change what is measured.
func (s *stack) environ() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "TMPDIR=" + s.dir,
		"DATABASE_URL=" + s.postgres.URL(database),
		"REDIS_URL=" + s.redis.URL(),
		"HEYGEN_API_KEY=any",
		"HEYGEN_API_URL=" + s.simulatorURL,
		"HEYGEN_CONCURRENCY=" + strconv.Itoa(s.options.slots),
		"HEYQ_MEDIA_URL=file://" + s.mediaDir(),
		"HEYQ_LOG_LEVEL=warn",
		"HEYQ_OPERATOR_TOKEN=" + operatorToken,
	}
}

func (s *stack) mediaDir() string { return filepath.Join(s.dir, "media") }
