package policy

import "github.com/prometheus/client_golang/prometheus"

// metrics are what the policies of a Set count.
type metrics struct {
	states *states
	opened *prometheus.CounterVec
}

func newMetrics(now func() map[string]State) *metrics {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"name"})
	}
	return &metrics{
		states: &states{now: now, desc: prometheus.NewDesc("heyq_breaker_state",
			"Where a breaker stands in this process: 0 closed, 1 half-open, 2 open. Of hosts that share a name, the worst.", []string{"name"}, nil)},
		opened: counter("heyq_breaker_opened_total", "Openings of breakers that this process was the first to make."),
	}
}

// Collectors returns the metrics of all policies of the Set.
func (s *Set) Collectors() []prometheus.Collector {
	m := s.metrics
	return []prometheus.Collector{m.states, m.opened}
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
