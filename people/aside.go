package people

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// The sorts of work that no request waits for.
const (
	keyUse     = "key_use"     // writing down that a key was used
	userChange = "user_change" // telling Redis that a user was changed
)

// Aside counts work that goes on without its request and came to nothing. It is safe for
// concurrent use, and nil counts nothing.
type Aside struct {
	log  zerolog.Logger // a line a minute at most
	lost *prometheus.CounterVec
}

// NewAside returns a count of nothing yet.
func NewAside(log zerolog.Logger) *Aside {
	return &Aside{
		log: log.Sample(&zerolog.BurstSampler{Burst: 1, Period: time.Minute}),
		lost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "heyq_people_lost_total", Help: "What no request waits for and was not done: the last use of a key (key_use), and a change of a user that Redis was not told of (user_change).",
		}, []string{"work"}),
	}
}

// Collector is what is counted.
func (a *Aside) Collector() prometheus.Collector { return a.lost }

// failed counts work that was given up, and says in the log what that means.
func (a *Aside) failed(work string, err error, means string) {
	if a == nil {
		return
	}
	a.lost.WithLabelValues(work).Inc()
	a.log.Warn().Err(err).Msg(means)
}
