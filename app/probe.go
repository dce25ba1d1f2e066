package app

import (
	"heyq/api"
	"heyq/internal/auth"
)

// newProbe serves /healthz, /readyz and /metrics at HEYQ_METRICS_ADDR, for a
// process that has no API. It returns nil if no such address is set, or if this
// process has the API, which answers the three itself.
func (a *App) newProbe() (*server, error) {
	addr := a.config.HTTP.MetricsAddr
	if addr == "" || a.plays(API) {
		return nil, nil
	}
	listener, err := a.listen(addr, "give each process on a machine a HEYQ_METRICS_ADDR of its own")
	if err != nil {
		return nil, err
	}
	a.where.Probe = "http://" + listener.Addr().String()
	probe := api.NewProbe(api.ProbeOptions{Checks: a.checks(), Metrics: a.metrics, Known: auth.Known})
	return a.newServer(listener, a.guard("/healthz", false)(probe)), nil
}

// answerProbes does so until the end. If it cannot, the work goes on: it is
// only unseen.
func (a *App) answerProbes() {
	if err := a.probe.serve(); err != nil {
		a.log.Error().Err(err).Msg("this process answers no probes any more")
	}
}
