package policy

import "github.com/prometheus/client_golang/prometheus"

// metrics are what the policies of a Set count.
type metrics struct {
	states   *states
	opened   *prometheus.CounterVec
	retries  *prometheus.CounterVec
	timeouts *prometheus.CounterVec
	limited  prometheus.Histogram
	inUse    *prometheus.GaugeVec
	waiting  *prometheus.GaugeVec
}

func newMetrics(now func() map[string]State) *metrics {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"name"})
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"queue"})
	}
	return &metrics{
		states: &states{now: now, desc: prometheus.NewDesc("heyq_breaker_state",
			"Where a breaker stands in this process: 0 closed, 1 half-open, 2 open. Of hosts that share a name, the worst.", []string{"name"}, nil)},
		opened:   counter("heyq_breaker_opened_total", "Openings of breakers that this process was the first to make."),
		retries:  counter("heyq_policy_retries_total", "Calls made again after a failure."),
		timeouts: counter("heyq_policy_timeouts_total", "Calls that were given up because they took too long."),
		limited: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "heyq_rate_limit_wait_seconds", Help: "How long requests to HeyGen waited for the rate limit.",
			Buckets: []float64{.001, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
		inUse:   gauge("heyq_bulkhead_in_use", "Outside calls of a queue that are in flight in this process."),
		waiting: gauge("heyq_bulkhead_waiting", "Outside calls of a queue that wait for a place in this process."),
	}
}

// Collectors returns the metrics of all policies of the Set.
func (s *Set) Collectors() []prometheus.Collector {
	m := s.metrics
	return []prometheus.Collector{m.states, m.opened, m.retries, m.timeouts, m.limited, m.inUse, m.waiting}
}

// states reads the breakers when it is scraped: an open one becomes half-open by
// itself.
type states struct {
	now  func() map[string]State
	desc *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (s *states) Describe(to chan<- *prometheus.Desc) { to <- s.desc }

// Collect implements prometheus.Collector.
func (s *states) Collect(to chan<- prometheus.Metric) {
	for name, state := range s.now() {
		to <- prometheus.MustNewConstMetric(s.desc, prometheus.GaugeValue, float64(state), name)
	}
}
