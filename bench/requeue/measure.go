package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"heyq/bench/seed"
	"heyq/internal/testservers"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/sqlite"
)

// measure fills a new store, starts a heyq on it, and times the command.
func measure(ctx context.Context, o options, kind, dir string) (took time.Duration, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return 0, err
	}
	environ := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "HEYQ_DIR=" + filepath.Join(dir, "data"),
		"HEYQ_SIMULATOR=true", "HEYGEN_CONCURRENCY=" + strconv.Itoa(o.jobs), "HEYQ_LOG_LEVEL=warn",
	}
	var db store.Store
	if kind == "postgres" {
		redis, err := testservers.StartRedis(ctx, dir)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, redis.Stop()) }()
		server, err := testservers.StartPostgres(ctx, dir, testservers.Durable(), testservers.With("shared_buffers", "128MB")) // its default
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, server.Close()) }()
		url, err := server.CreateDatabase(ctx, "heyq", "")
		if err != nil {
			return 0, err
		}
		environ = append(environ, "DATABASE_URL="+url, "REDIS_URL="+redis.URL())
		pg, err := postgres.Open(ctx, url)
		if err != nil {
			return 0, err
		}
		if _, err := pg.Migrate(ctx); err != nil {
			return 0, errors.Join(err, pg.Close())
		}
		db = pg
	} else {
		if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
			return 0, err
		}
		if db, err = sqlite.Open(ctx, filepath.Join(dir, "data", "heyq.db")); err != nil {
			return 0, err
		}
	}
	write := func() error { return seed.Failed(ctx, db, o.jobs, o.jobs) }
	if o.cancel {
		write = func() error { return wait(ctx, db, o.jobs) }
	}
	if err := errors.Join(write(), db.Close()); err != nil {
		return 0, err
	}
	return timed(ctx, o, environ)
}

// wait writes n videos that wait, and pauses creates.
func wait(ctx context.Context, db store.Store, n int) error {
	if _, err := db.PauseAdmission(ctx, "the bench cancels what waits"); err != nil {
		return err
	}
	return seed.Queued(ctx, db, n, 1)
}

// timed runs heyq and the command against it.
func timed(ctx context.Context, o options, environ []string) (took time.Duration, err error) {
	addr, err := testservers.FreeAddr()
	if err != nil {
		return 0, err
	}
	environ = append(environ, "HEYQ_URL=http://"+addr)
	heyq := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, o.Heyq, args...)
		cmd.Env = environ
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 15 * time.Second
		return cmd
	}
	up := heyq("up", "--addr", addr)
	up.Stderr = os.Stderr
	if err := up.Start(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, up.Process.Signal(syscall.SIGTERM), up.Wait()) }()
	if out, err := heyq("ready", "--wait", "30s").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("heyq is not ready: %w\n%s", err, out)
	}

	change := []string{"jobs", "requeue", "--queue", "download", "--error", "link_expired", "--yes", "--json"}
	if o.cancel {
		change = []string{"jobs", "cancel", "--state", "waiting", "--yes", "--json"}
	}
	start := time.Now()
	out, err := heyq(change...).Output()
	took = time.Since(start)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return 0, fmt.Errorf("%s: %w\n%s", change[1], err, failed.Stderr)
	} else if err != nil {
		return 0, err
	}
	var result struct{ Done, Skipped int }
	if err := json.Unmarshal(out, &result); err != nil {
		return 0, err
	}
	if result.Done != o.jobs || result.Skipped != 0 {
		return 0, fmt.Errorf("%d were changed and %d left, want %d and 0", result.Done, result.Skipped, o.jobs)
	}
	return took, nil
}
