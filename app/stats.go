package app

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/internal/stats"
)

// openStats builds what counts the operations of this process, before anything
// that is counted is opened. If statistics are off there is no recorder, and no
// hook is put in that would tell it.
func (a *App) openStats(context.Context) error {
	a.registry = newRegistry(a.options.Build)
	c := a.config.Stats
	if !c.Enabled {
		return nil
	}
	a.stats = stats.New(stats.Options{
		Slow: map[stats.Type]time.Duration{
			stats.Database: c.SlowDatabase, stats.HTTPRequest: c.SlowHTTP,
			stats.FileOperation: c.SlowFile, stats.RedisOperation: c.SlowRedis,
		},
		Logger: a.log,
	})
	return nil
}

// shareStats builds what shows the others what this process counted.
func (a *App) shareStats(context.Context) error {
	if a.stats != nil {
		a.shared = stats.NewShared(a.stats, a.redis, processName())
	}
	return nil
}

// processName is one that no other process has, and that a person recognises.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + ":" + strconv.Itoa(os.Getpid()) + ":" + uuid.NewString()
}

// observer tells the recorder of the operations of one type. It is nil if
// statistics are off.
func (a *App) observer(t stats.Type) observer {
	if a.stats == nil {
		return nil
	}
	return func(name string, err error, took time.Duration) { a.stats.Record(t, name, err, took) }
}

// recordHeyGen tells the recorder of a call of HeyGen. It is nil if
// statistics are off.
func (a *App) recordHeyGen() func(call string, status int, err error, took time.Duration) {
	if a.stats == nil {
		return nil
	}
	return func(call string, status int, err error, took time.Duration) {
		a.stats.RecordHTTP("heygen "+call, status, err, took, stats.Unserved)
	}
}

// counted has the recorder count the requests of a transport. It is nil if
// statistics are off.
func (a *App) counted(name string, failed func(status int) bool) func(http.RoundTripper) http.RoundTripper {
	if a.stats == nil {
		return nil
	}
	return func(next http.RoundTripper) http.RoundTripper { return a.stats.Transport(next, name, failed) }
}

// statistics are what the API tells of all processes. It is nil if statistics
// are off.
func (a *App) statistics() api.Statistics {
	if a.shared == nil {
		return nil // and no interface around a nil
	}
	return a.shared
}
