package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"heyq/internal/testservers"
)

// One run with everything on shows that the figures are there and add up.
func TestRun_real(t *testing.T) {
	var r report
	measured(t, &r, "-videos", "200", "-warm-up", "20", "-workers", "2", "-detail")

	if r.Accepted != 200 || len(r.Wrong) > 0 || r.PerSecond <= 0 {
		t.Errorf("billed %d, %.1f videos/s, wrong: %v; want 200, more than 0 and nothing", r.Accepted, r.PerSecond, r.Wrong)
	}
	if names := phaseNames(r); names != "insert work" {
		t.Errorf("phases %q, want insert and work", names)
	}
	for _, name := range processes {
		if r.PeakRSS[name] < 1<<20 {
			t.Errorf("peak RSS of %s is %d", name, r.PeakRSS[name])
		}
	}
	for _, name := range []string{"worker", "simulator", "postgres"} { // the others may take less than a tick
		if r.CPUPer1000[name] <= 0 {
			t.Errorf("%s used no CPU", name)
		}
	}
	if r.CallsPerVideo["create"] != 1 || r.CallsPerVideo["get"] != 1 || r.CallsPerVideo["statuses"] <= 0 {
		t.Errorf("calls a video: %v", r.CallsPerVideo)
	}
	if !strings.Contains(r.Settings["postgres"], "fsync=on") || !strings.Contains(r.Settings["postgres"], "synchronous_commit=on") {
		t.Errorf("Postgres runs with %s", r.Settings["postgres"])
	}
	if r.Detail == nil || len(r.Detail.Statements) == 0 || len(r.Detail.Commands) == 0 || r.Detail.Updates <= 0 {
		t.Errorf("detail: %+v", r.Detail)
	}
}

func TestRun_live_real(t *testing.T) {
	var r report
	measured(t, &r, "-videos", "30", "-warm-up", "0", "-live", "-plain")
	if names := phaseNames(r); names != "live" || r.Accepted != 30 {
		t.Errorf("phases %q, billed %d; want live and 30", names, r.Accepted)
	}
}

func TestRun_queued_real(t *testing.T) {
	var r queuedReport
	measured(t, &r, "-queued", "20,200", "-warm-up", "10")
	if len(r.Backlogs) != 2 || r.Backlogs[1].Videos != 200 || r.Backlogs[1].Inserted["api"] == 0 || r.Backlogs[1].Worked["worker"] == 0 {
		t.Errorf("got %+v", r)
	}
}

func TestRun_compare_real(t *testing.T) {
	var c comparison
	measured(t, &c, "-compare", "stats", "-pairs", "1", "-videos", "30", "-warm-up", "10", "-plain")
	if len(c.With) != 1 || len(c.Without) != 1 || c.Throughput <= 0 || c.CPU <= 0 {
		t.Errorf("got %+v", c)
	}
	if with, without := c.With[0].Settings["worker"], c.Without[0].Settings["worker"]; !strings.Contains(with, "HEYQ_STATS=true") || !strings.Contains(without, "HEYQ_STATS=false") {
		t.Errorf("compared %q with %q", with, without)
	}
}

func TestRun_against(t *testing.T) {
	for args, want := range map[string]string{
		"-against x -compare stats": "not both",
		"-against x -pairs 0":       "-pairs",
	} {
		err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", args, err, want)
		}
	}
}

func TestRun_against_real(t *testing.T) {
	heyq := filepath.Join(t.TempDir(), "heyq")
	if err := testservers.BuildHeyq(t.Context(), heyq); err != nil {
		t.Fatal(err)
	}
	var c comparison
	measured(t, &c, "-against", heyq, "-pairs", "1", "-videos", "30", "-warm-up", "10", "-plain")
	if len(c.With) != 1 || len(c.Without) != 1 || len(c.Ratios) != 1 || c.Ratios[0] <= 0 {
		t.Errorf("got %+v", c)
	}
}

// measured is the JSON of a run that went well and left nothing behind.
func measured(t *testing.T, out any, args ...string) {
	t.Helper()
	dir := t.TempDir()
	// Postgres runs as another user where we are root, and has to get in.
	for path := dir; path != os.TempDir() && len(path) > 1; path = path[:strings.LastIndexByte(path, '/')] {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), append([]string{"-json", "-dir", dir, "-timeout", "3m"}, args...), &stdout, &stderr)
	ci, _ := strconv.ParseBool(os.Getenv("CI"))
	if errors.Is(err, testservers.ErrMissing) && !ci {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	if err != nil {
		t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
	}
	if err := json.Unmarshal(stdout.Bytes(), out); err != nil {
		t.Fatalf("%v: %s", err, &stdout)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func phaseNames(r report) string {
	var names []string
	for _, p := range r.Phases {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}
