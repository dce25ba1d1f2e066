package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"heyq/internal/testservers"
)

func TestRun_refuses(t *testing.T) {
	for args, want := range map[string]string{
		"-connections 1,none": `"none"`,
		"-users 0":            "-users",
		"-what pages":         "users and creates and mixed",
		"more":                `"more" is no flag`,
	} {
		err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", args, err, want)
		}
	}
}

// What waits for its answer keeps nothing else from being asked, and its waiting is counted.
func TestOpen_counts_waiting(t *testing.T) {
	byKind := open(t.Context(), 100, 200*time.Millisecond, func(_ context.Context, n int) (string, error) {
		time.Sleep(300 * time.Millisecond)
		if n == 7 {
			return "one", errors.New("no")
		}
		return "all", nil
	})
	all, one := byKind["all"], byKind["one"]
	if len(all.took) != 19 || one.failed != 1 || one.first == nil {
		t.Fatalf("%d answers and %d failures, want 19 and 1", len(all.took), one.failed)
	}
	if all.percentile(50) < 300*time.Millisecond {
		t.Errorf("p50 is %s, want 300 ms or more", all.percentile(50))
	}
}

// A small run of each, to the end.
func TestRun_real(t *testing.T) {
	dir := t.TempDir()
	// Postgres runs as another user where we are root, and has to get in.
	for path := dir; path != os.TempDir() && len(path) > 1; path = path[:strings.LastIndexByte(path, '/')] {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{
		"-dir", dir, "-users", "3", "-connections", "1,2", "-for", "100ms", "-rounds", "1", "-rate", "20", "-length", "2s", "-beside", "5", "-keyed",
	}, &out, io.Discard)
	ci, _ := strconv.ParseBool(os.Getenv("CI"))
	if errors.Is(err, testservers.ErrMissing) && !ci {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, want := range []string{"without a cache", "2 connections", "all reads", "file, by HEAD", "the pipeline completed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in it", want)
		}
	}
	if strings.Contains(out.String(), "FAILED") || t.Failed() {
		t.Errorf("\n%s", &out)
	}
}
