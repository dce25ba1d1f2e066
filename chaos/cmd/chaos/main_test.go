//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"heyq/chaos"
	"heyq/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// TestE2E_chaos is a short storm: 200 videos through every sort of fault, on
// real servers. HEYQ_TEST_SEED says which storm.
func TestE2E_chaos(t *testing.T) {
	t.Parallel()
	testkit.StartRedis(t) // skips if there is none
	testkit.StartPostgres(t)
	seed := os.Getenv("HEYQ_TEST_SEED")
	if seed == "" {
		seed = "3" // which cuts titles, loses answers of creates, and has nothing that takes minutes to be given up
	}
	report, shown := runChaos(t, "-seed", seed, "-videos", "200", "-minutes", "0.75", "-quiet", "3m", "-settle", "1s")

	for _, i := range report.Invariants {
		if i.Broken > 0 {
			t.Errorf("%s, %s: %d broken, such as %q", i.Name, i.Promise, i.Broken, i.Culprits)
		}
	}
	if len(report.Invariants) != 15 || len(report.Strikes) < 10 || report.Outcome.Promised != 200 {
		t.Errorf("%d invariants, %d faults, %d promises", len(report.Invariants), len(report.Strikes), report.Outcome.Promised)
	}
	if done := report.Outcome.States["completed"]; done < 150 {
		t.Errorf("only %d videos were completed: %v, %v", done, report.Outcome.States, report.Outcome.Failures)
	}
	if strconv.FormatUint(report.Seed, 10) != seed {
		t.Errorf("the storm was that of seed %d, want %s", report.Seed, seed)
	}
	if t.Failed() {
		t.Logf("seed %s\n%s", seed, shown)
	}
}

func TestRun_lists_scenarios_and_refuses_nonsense(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want []string // in what it writes, or in its error
		ok   bool
	}{
		{[]string{"-list"}, []string{"redis-flushall", "worker-kill9-after-accept"}, true},
		{[]string{"-scenario", "redis-flushal"}, []string{"did you mean redis-flushall?"}, false},
		{[]string{"-scenario", "rolling-update", "-heyq", "none"}, []string{"an older heyq", "-old"}, false},
		{[]string{"-workers", "0"}, []string{"more than zero"}, false},
		{[]string{"-keep", full, "-heyq", "none"}, []string{"is not empty"}, false},
		{[]string{"storm"}, []string{"no arguments"}, false},
	} {
		var stdout, stderr bytes.Buffer
		err := run(t.Context(), c.args, &stdout, &stderr)
		said := stdout.String() + stderr.String()
		if err != nil {
			said += err.Error()
		}
		if (err == nil) != c.ok {
			t.Errorf("%q: %v", c.args, err)
		}
		for _, want := range c.want {
			if !strings.Contains(said, want) {
				t.Errorf("%q: %q is not in\n%s", c.args, want, said)
			}
		}
	}
}

// runChaos runs the program and reads its report. What it shows besides is
// returned as well.
func runChaos(t *testing.T, args ...string) (report chaos.Report, shown string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // of which a machine that is busy takes more
	defer cancel()
	var stdout, stderr bytes.Buffer
	err := run(ctx, append([]string{"-json"}, args...), &stdout, &stderr)
	if decoding := json.Unmarshal(stdout.Bytes(), &report); decoding != nil {
		t.Fatalf("no report: %v, %v\n%s", err, decoding, stderr.String())
	}
	return report, stderr.String()
}
