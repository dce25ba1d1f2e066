package testservers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// superuser is the only role of a private cluster.
const superuser = "heyq"

// newCluster puts an empty cluster at data, which must not exist. The first
// call on a machine runs initdb; later ones copy what it made.
func newCluster(ctx context.Context, postgres, data string) error {
	template, err := clusterTemplate(ctx, postgres)
	if err != nil {
		return fmt.Errorf("make cluster template: %w", err)
	}
	if err := os.CopyFS(data, os.DirFS(template)); err != nil {
		return fmt.Errorf("copy cluster: %w", err)
	}
	return os.Chmod(data, 0o700) // Postgres insists
}

// clusterTemplate returns the folder of a cluster that was never started, one
// for each version of Postgres. Processes that ask at the same time wait for
// the one that makes it.
func clusterTemplate(ctx context.Context, postgres string) (string, error) {
	out, err := exec.CommandContext(ctx, postgres, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", postgres, err)
	}
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	template := filepath.Join(cache, fileName(string(out)))
	if _, err := os.Stat(template); err == nil {
		return template, nil
	}

	lock := flock.New(template + ".lock")
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return "", fmt.Errorf("lock %s: %w", template, err)
	}
	defer lock.Unlock()
	if _, err := os.Stat(template); err == nil {
		return template, nil
	}
	return template, initdb(ctx, filepath.Join(filepath.Dir(postgres), "initdb"), template)
}

// initdb makes a cluster aside and renames it to target when it is whole.
func initdb(ctx context.Context, program, target string) error {
	if path, err := filepath.EvalSymlinks(program); err == nil {
		program = path
	}
	account, err := unprivileged()
	if err != nil {
		return err
	}
	aside, err := privateDir("initdb", account)
	if err != nil {
		return err
	}
	defer aside.remove()

	fresh := filepath.Join(aside.path, "data")
	cmd := exec.CommandContext(ctx, program, "-D", fresh, "-U", superuser, "-A", "trust",
		"-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	cmd.Dir, cmd.SysProcAttr = aside.path, attributes(account)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}

	// The cache can lie on another file system, so: copy beside, then rename.
	beside, err := os.MkdirTemp(filepath.Dir(target), "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(beside)
	whole := filepath.Join(beside, "data")
	if err := os.CopyFS(whole, os.DirFS(fresh)); err != nil {
		return fmt.Errorf("keep cluster: %w", err)
	}
	return os.Rename(whole, target)
}

// CacheDir returns this user's folder for what outlives the tests: made if it
// does not exist, and the same for all checkouts.
func CacheDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil { // no HOME
		cache = filepath.Join(os.TempDir(), fmt.Sprintf("heyq-cache-%d", os.Getuid()))
	}
	cache = filepath.Join(cache, "heyq-testkit")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", fmt.Errorf("make cache folder: %w", err)
	}
	return cache, nil
}

// fileName turns "postgres (PostgreSQL) 15.14 (Debian …)" into a file's name.
func fileName(version string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.':
			return r
		}
		return '-'
	}, strings.TrimSpace(version))
}
