package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyq/internal/stats"
	"heyq/wire"
)

// exampleStats are those of two processes, one of which answers.
func exampleStats() wire.Stats {
	reads := wire.Totals{Total: 1000, Successful: 1000, Rate: 1, AverageMS: 1, P50MS: 1, P95MS: 1, P99MS: 1, MaxMS: 1}
	creates := wire.Totals{Total: 11, Successful: 10, Failed: 1, Rate: 10.0 / 11, AverageMS: 13_636, P50MS: 12_058, P95MS: 30_000, P99MS: 30_000, MaxMS: 30_000}
	return wire.Stats{
		Process: wire.ProcessStats{Since: time.Now().Add(-time.Hour), Operations: wire.Operations{Totals: wire.Totals{Rate: 1}}},
		All: &wire.AllStats{Processes: 2, Operations: wire.Operations{
			Totals: wire.Totals{Total: 1011, Successful: 1010, Failed: 1, Rate: 1010.0 / 1011, MaxMS: 30_000},
			ByType: map[string]wire.OperationsOfType{
				string(stats.Database):    {Totals: reads, ByName: map[string]wire.Totals{"SELECT videos": reads}},
				string(stats.HTTPRequest): {Totals: creates, ByName: map[string]wire.Totals{"heygen create": creates}},
			},
		}},
	}
}

func answeringStats(t *testing.T, s wire.Stats) []string {
	t.Helper()
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return answeringHealth(t, http.StatusOK, string(encoded))
}

func TestStats(t *testing.T) {
	t.Parallel()
	s := exampleStats()
	environ := answeringStats(t, s)
	o := heyq(t, environ, "stats").wantOK(t)
	o.want(t, 0, "All processes: 2", "database", "SELECT videos", "1,000", "100.00 %", "1.00 ms", "heygen create", "90.91 %", "12.1 s", "30.0 s")
	if strings.Index(o.stdout, "http_request") < strings.Index(o.stdout, "SELECT videos") {
		t.Errorf("the names do not follow their type:\n%s", o.stdout)
	}
	if o := heyq(t, environ, "stats", "--types").wantOK(t); strings.Contains(o.stdout, "SELECT videos") {
		t.Errorf("the names are told:\n%s", o.stdout)
	}
	heyq(t, environ, "stats", "--process").want(t, 0, "The process that answers, which began 1 hour ago")
	if got := decode[wire.Stats](t, heyq(t, environ, "stats", "--json").wantOK(t)); got.All.Processes != 2 || got.All.Failed != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestStats_without_Redis(t *testing.T) {
	t.Parallel()
	s := exampleStats()
	s.All, s.Problem = nil, "Redis does not answer"
	heyq(t, answeringStats(t, s), "stats").want(t, 0, "The process that answers", "! Redis does not answer")
}

func TestStats_of_a_heyq(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	got := decode[wire.Stats](t, heyq(t, environ, "stats", "--json").wantOK(t))
	if got.All == nil || got.All.Processes != 1 || got.Process.ByType[string(stats.Database)].Total == 0 || got.All.ByType[string(stats.RedisOperation)].Total == 0 {
		t.Errorf("got %+v", got)
	}
	if got.All.Failed > 0 {
		t.Errorf("what does not fail is counted as failed: %+v", got.All)
	}
	heyq(t, environ, "stats").wantOK(t)
}

func TestMilliseconds(t *testing.T) {
	t.Parallel()
	for ms, want := range map[float64]string{0: "0.00 ms", 0.294: "0.29 ms", 12.34: "12.3 ms", 250.4: "250 ms", 1234: "1,234 ms", 12_345: "12.3 s"} {
		if got := milliseconds(ms); got != want {
			t.Errorf("%v is written %q, want %q", ms, got, want)
		}
	}
}
