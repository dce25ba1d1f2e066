package stats

import (
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/prometheus/client_golang/prometheus"
)

// bounds are the upper bounds of Prometheus' buckets, from what Redis takes to
// what a create may.
var bounds = []time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second,
	10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
}

// bucketOf says into which of Prometheus' buckets each place of a histogram
// falls. A place on a border counts to the upper side, which it is within 1 % of.
var bucketOf = sync.OnceValue(func() []int {
	full := newHistogram().Export()
	for place := range full.Counts {
		full.Counts[place] = 1 // places without a count have no bar
	}
	places := hdrhistogram.Import(full).Distribution()
	of := make([]int, len(places))
	for i, p := range places {
		of[i], _ = slices.BinarySearch(bounds, time.Duration(p.To)*unit)
	}
	return of
})

var durations = prometheus.NewDesc("heyq_operation_duration_seconds",
	"Operations on what is outside of heyq, by how long they took.", []string{"type", "name", "outcome"}, nil)

// Collector exports what the recorder counted as Prometheus' histograms. They are
// computed from the recorder's own counts at each scrape: nothing is counted twice.
func (r *Recorder) Collector() prometheus.Collector { return collector{r} }

type collector struct{ recorder *Recorder }

// Describe implements prometheus.Collector.
func (c collector) Describe(to chan<- *prometheus.Desc) { to <- durations }

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	for t, names := range c.recorder.snapshot() {
		for name, p := range names {
			for i, tally := range p {
				if tally != nil {
					to <- tally.metric(string(t), name, string(outcomes[i]))
				}
			}
		}
	}
}

// metric counts a tally into Prometheus' buckets, each of which holds those below
// it as well.
func (t *tally) metric(labels ...string) prometheus.Metric {
	of := bucketOf()
	counts := make([]uint64, len(bounds)+1) // the last: what is beyond
	for place, n := range t.histogram.Export().Counts {
		counts[of[place]] += uint64(n)
	}
	buckets := make(map[float64]uint64, len(bounds))
	var below uint64
	for i, bound := range bounds {
		below += counts[i]
		buckets[bound.Seconds()] = below
	}
	return prometheus.MustNewConstHistogram(durations, uint64(t.histogram.TotalCount()), t.sum.Seconds(), buckets, labels...)
}
