//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"heyq/cmd/heyq/internal/chaos"
	"heyq/internal/testkit"
)

// TestE2E_chaos is a short storm: 200 videos through every sort of fault, on
// real servers. HEYQ_TEST_SEED says which storm.
func TestE2E_chaos(t *testing.T) {
	t.Parallel()
	testkit.StartRedis(t) // skips where there is none
	testkit.StartPostgres(t)
	seed := strconv.FormatInt(testNumber(t, "HEYQ_TEST_SEED", 1), 10)
	report, shown := runChaos(t, "--seed", seed, "--videos", "200", "--minutes", "0.75", "--quiet", "2m", "--settle", "1s")

	for _, i := range report.Invariants {
		if i.Broken > 0 {
			t.Errorf("%s, %s: %d broken, such as %q", i.Name, i.Promise, i.Broken, i.Culprits)
		}
	}
	if len(report.Invariants) != 13 || len(report.Strikes) < 10 || report.Outcome.Promised != 200 {
		t.Errorf("%d invariants, %d faults, %d promises", len(report.Invariants), len(report.Strikes), report.Outcome.Promised)
	}
	if done := report.Outcome.States["completed"]; done < 150 {
		t.Errorf("only %d videos were completed: %v, %v", done, report.Outcome.States, report.Outcome.Failures)
	}
	if t.Failed() {
		t.Logf("seed %s\n%s", seed, shown)
	}
}

func TestChaos_lists_scenarios_and_refuses_nonsense(t *testing.T) {
	t.Parallel()
	heyq(t, nil, "chaos", "--list").wantOK(t).want(t, 0, "redis-flushall", "worker-kill9-after-accept")
	heyq(t, nil, "chaos", "--scenario", "redis-flushal").want(t, 3, "did you mean redis-flushall?")
	heyq(t, nil, "chaos", "--scenario", "rolling-update").want(t, 2, "an older heyq", "--old")
	heyq(t, nil, "chaos", "--workers", "0").want(t, 2, "more than zero")
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	heyq(t, nil, "chaos", "--keep", full).want(t, 2, "is not empty")
	if strings.Contains(heyq(t, nil, "--help").stdout, "chaos") {
		t.Error("the main help tells of it")
	}
}

// runChaos runs the program in a process of its own and reads its report. What
// it shows besides is returned as well.
func runChaos(t *testing.T, args ...string) (report chaos.Report, shown string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // of which a machine that is busy takes more
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, heyqBinary(t), append([]string{"chaos", "--json"}, args...)...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = &stdout, &stderr, t.TempDir()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	if decoding := json.Unmarshal(stdout.Bytes(), &report); decoding != nil {
		t.Fatalf("no report: %v, %v\n%s", err, decoding, stderr.String())
	}
	return report, stderr.String()
}
