package metrics

import "github.com/prometheus/client_golang/prometheus"

// Deliveries exports what came to HeyGen's webhook: it returns how many
// deliveries had each outcome.
type Deliveries func() map[string]int64

var deliveries = describe("heyq_webhook_deliveries_total", "What came to HeyGen's webhook, by what became of it. lost ones were accepted before.", "outcome")

// Describe implements prometheus.Collector.
func (d Deliveries) Describe(to chan<- *prometheus.Desc) { to <- deliveries }

// Collect implements prometheus.Collector.
func (d Deliveries) Collect(to chan<- prometheus.Metric) {
	for outcome, n := range d() {
		to <- prometheus.MustNewConstMetric(deliveries, prometheus.CounterValue, float64(n), outcome)
	}
}
