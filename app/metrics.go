package app

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/internal/build"
	"heyq/jobs"
	"heyq/operate/metrics"
)

// How much scrapes may ask of this process.
const (
	scrapesAtOnce = 4
	scrapeTimeout = 8 * time.Second // Prometheus gives up after ten
)

// newRegistry returns a registry of what any program of Go has to tell.
func newRegistry(b build.Info) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "heyq_build_info", Help: "1, with what this heyq was built from.",
	}, []string{"version", "commit", "go"})
	info.WithLabelValues(b.Version, b.Commit, b.Go).Set(1)
	r.MustRegister(info)
	return r
}

// registerMetrics registers what this process has to tell. What the processes
// share is told by those of which there are few: each scrape asks the store. Where
// statistics are off, nobody answers /metrics.
func (a *App) registerMetrics(context.Context) error {
	if a.stats == nil {
		return nil
	}
	a.registry.MustRegister(a.stats.Collector(), a.disks())
	a.registry.MustRegister(a.policies.Collectors()...)
	if a.plays(API) || a.plays(Scheduler) {
		var scheduled []string
		for _, entry := range jobs.Schedule {
			scheduled = append(scheduled, entry.Kind.Name)
		}
		a.registry.MustRegister(
			metrics.NewPipeline(a.store, a.config.HeyGen.Slots, scheduled),
			metrics.NewQueues(a.readQueues),
		)
	}
	a.metrics = a.metricsHandler()
	return nil
}

// metricsHandler answers a scrape.
func (a *App) metricsHandler() http.Handler {
	return promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{
		// Some figures are better than none; what went wrong is counted.
		ErrorHandling: promhttp.ContinueOnError, ErrorLog: scrapeLog{a.log}, Registry: a.registry,
		MaxRequestsInFlight: scrapesAtOnce, Timeout: scrapeTimeout,
	})
}

// scrapeLog takes what went wrong in a scrape.
type scrapeLog struct{ log zerolog.Logger }

// Println implements promhttp.Logger.
func (l scrapeLog) Println(v ...any) { l.log.Warn().Msg(strings.TrimSpace(fmt.Sprintln(v...))) }

// readQueues asks Redis for asynq's queues, and for the processes that there are.
func (a *App) readQueues(ctx context.Context) (queues []metrics.Queue, processes int, err error) {
	if processes, err = a.shared.Processes(ctx); err != nil {
		return nil, 0, err
	}
	tasks, err := a.queues.Tasks(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, name := range jobs.Queues {
		q := tasks[name]
		queues = append(queues, metrics.Queue{
			Name: string(name), Latency: q.Latency, Paused: q.Paused, Processed: q.ProcessedTotal, Failed: q.FailedTotal,
			Tasks: map[string]int{
				"pending": q.Pending, "active": q.Active, "scheduled": q.Scheduled, "retry": q.Retry,
				"archived": q.Archived, "completed": q.Completed,
			},
		})
	}
	return queues, processes, nil
}

// disks are those of the folders that this process writes to.
func (a *App) disks() metrics.Disks {
	disks := metrics.Disks{"data": a.config.Store.Dir}
	if place, err := url.Parse(a.where.Media); err == nil && place.Scheme == "file" {
		disks["media"] = filepath.FromSlash(place.Path)
	}
	return disks
}

// countDeliveries exports what came to HeyGen's webhook.
func (a *App) countDeliveries(d *api.Deliveries) {
	for _, by := range []struct {
		outcome string
		count   interface{ Load() int64 }
	}{
		{"accepted", &d.Accepted},
		{"repeated", &d.Repeated},
		{"ignored", &d.Ignored},
		{"lost", &d.Lost},
		{"unsigned", &d.Unsigned},
		{"forged", &d.Forged},
		{"foreign", &d.Foreign},
		{"stale", &d.Stale},
		{"too_large", &d.TooLarge},
		{"unreadable", &d.Unreadable},
		{"crowded", &d.Crowded},
		{"failed", &d.Failed},
	} {
		a.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "heyq_webhook_deliveries_total", Help: "What came to HeyGen's webhook, by what became of it. lost ones were accepted before.",
			ConstLabels: prometheus.Labels{"outcome": by.outcome},
		}, func() float64 { return float64(by.count.Load()) }))
	}
}
