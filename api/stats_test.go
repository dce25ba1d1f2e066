package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyq/api"
	"heyq/internal/stats"
	"heyq/wire"
)

// statistics are those of two processes; with an error, Redis is away.
type statistics struct{ err error }

var exampleSince = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func (s statistics) Own() (stats.Summary, time.Time) {
	r := stats.New(stats.Options{})
	r.Record(stats.Database, "SELECT videos", nil, 20*time.Millisecond)
	return r.Summary(), exampleSince
}

func (s statistics) Summary(context.Context) (stats.Summary, int, error) {
	sum, _ := s.Own()
	sum.Total = 7
	return sum, 2, s.err
}

func TestStats(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{Stats: statistics{}})}
	var got wire.Stats
	h.must(t, http.StatusOK, "GET", "/v1/stats", "").decode(t, &got)
	own := got.Process
	if !own.Since.Equal(exampleSince) || own.Total != 1 || own.ByType[string(stats.Database)].ByName["SELECT videos"].MaxMS != 20 {
		t.Errorf("of this process: %+v", own)
	}
	if got.All == nil || got.All.Processes != 2 || got.All.Total != 7 || got.Problem != "" {
		t.Errorf("of all: %+v, %q", got.All, got.Problem)
	}
}

// These names are the contract.
func TestStats_fields(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{Stats: statistics{}})}
	answer := h.must(t, http.StatusOK, "GET", "/v1/stats", "")
	for _, name := range []string{
		"total_operations", "successful_operations", "failed_operations", "success_rate", "average_duration_ms",
		"p50", "p95", "p99", "max_duration_ms", "operations_by_type", "operations_by_name", "processes", "since",
	} {
		if !strings.Contains(answer.body, `"`+name+`":`) {
			t.Errorf("the answer has no %s: %s", name, answer.body)
		}
	}
}

func TestStats_without_Redis(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{Stats: statistics{errors.New("connection refused")}})}
	var got wire.Stats
	h.must(t, http.StatusOK, "GET", "/v1/stats", "").decode(t, &got)
	if got.Process.Total != 1 || got.All != nil || !strings.Contains(got.Problem, "connection refused") {
		t.Errorf("got %+v", got)
	}
}

func TestStats_that_are_off(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{})}
	if answer := h.must(t, http.StatusNotFound, "GET", "/v1/stats", ""); !strings.Contains(answer.body, "HEYQ_STATS") {
		t.Errorf("got %s", answer.body)
	}
	h.must(t, http.StatusNotFound, "GET", "/metrics", "")
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := &house{Handler: api.New(api.Options{Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "heyq_build_info 1\n")
	})})}
	if answer := h.must(t, http.StatusOK, "GET", "/metrics", ""); answer.body != "heyq_build_info 1\n" {
		t.Errorf("got %s", answer.body)
	}
}
