package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyq/cmd/heyq/internal/remote"
	"heyq/internal/fault"
	"heyq/internal/stats"
)

// exampleStats are those of two processes, one of which answers.
func exampleStats(t *testing.T) remote.Stats {
	t.Helper()
	r := stats.New(stats.Options{})
	for range 1000 {
		r.Record(stats.Database, "SELECT videos", nil, time.Millisecond)
	}
	for range 10 {
		r.Record(stats.HTTPRequest, "heygen create", nil, 12*time.Second)
	}
	r.Record(stats.HTTPRequest, "heygen create", fault.New(fault.Unavailable, "away"), 30*time.Second)
	sum := r.Summary()
	own := stats.New(stats.Options{}).Summary()
	return remote.Stats{
		Process: remote.ProcessStats{Since: time.Now().Add(-time.Hour), Summary: own},
		All:     &remote.AllStats{Processes: 2, Summary: sum},
	}
}

func answeringStats(t *testing.T, s remote.Stats) []string {
	t.Helper()
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return answeringHealth(t, http.StatusOK, string(encoded))
}

func TestStats(t *testing.T) {
	t.Parallel()
	s := exampleStats(t)
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
	if got := decode[remote.Stats](t, heyq(t, environ, "stats", "--json").wantOK(t)); got.All.Processes != 2 || got.All.Failed != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestStats_without_Redis(t *testing.T) {
	t.Parallel()
	s := exampleStats(t)
	s.All, s.Problem = nil, "Redis does not answer"
	heyq(t, answeringStats(t, s), "stats").want(t, 0, "The process that answers", "! Redis does not answer")
}

func TestStats_of_a_heyq(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	got := decode[remote.Stats](t, heyq(t, environ, "stats", "--json").wantOK(t))
	if got.All == nil || got.All.Processes != 1 || got.Process.ByType[stats.Database].Total == 0 || got.All.ByType[stats.RedisOperation].Total == 0 {
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
