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

// registerMetrics registers the metrics of this process. Metrics of what all
// processes share are registered only in the API and the scheduler, since each
// scrape asks the store and these processes are few. If statistics are off,
// nothing is registered, and /metrics does not exist.
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
			metrics.NewQueues(a.queues.Tasks, a.shared.Processes),
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

// disks are those of the folders that this process writes to.
func (a *App) disks() metrics.Disks {
	disks := metrics.Disks{"data": a.config.Store.Dir}
	if place, err := url.Parse(a.where.Media); err == nil && place.Scheme == "file" {
		disks["media"] = filepath.FromSlash(place.Path)
	}
	return disks
}
