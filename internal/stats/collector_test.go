package stats

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestCollector_exports_the_histograms(t *testing.T) {
	t.Parallel()
	r := New(Options{})
	for _, took := range []time.Duration{50 * time.Microsecond, 3 * time.Millisecond, 3 * time.Millisecond, time.Second, time.Hour} {
		r.Record(Database, "SELECT videos", nil, took)
	}
	r.Record(HTTPRequest, "heygen create", errAway, 20*time.Second)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(r.Collector())
	want := `
# HELP heyq_operation_duration_seconds Operations on what is outside of heyq, by how long they took.
# TYPE heyq_operation_duration_seconds histogram
`
	row := func(labels string, sum string, counts ...string) {
		for i, bound := range strings.Fields("0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30 60 120 +Inf") {
			want += "heyq_operation_duration_seconds_bucket{" + labels + `,le="` + bound + `"} ` + counts[i] + "\n"
		}
		want += "heyq_operation_duration_seconds_sum{" + labels + "} " + sum + "\n"
		want += "heyq_operation_duration_seconds_count{" + labels + "} " + counts[len(counts)-1] + "\n"
	}
	row(`name="SELECT videos",outcome="success",type="database"`, "3601.00605", strings.Fields("1 1 1 1 1 3 3 3 3 3 3 3 3 4 4 4 4 4 4 5")...)
	row(`name="heygen create",outcome="failure",type="http_request"`, "20", strings.Fields("0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 1")...)
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}
