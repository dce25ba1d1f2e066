package app

import (
	"errors"
	"net"
	"net/http"

	"heyq/api"
	"heyq/internal/fault"
)

// newProbe serves what looks after a process that has no API: /healthz, /readyz
// and /metrics at HEYQ_METRICS_ADDR. It is nil where there is no such address, or
// where the API answers them.
func (a *App) newProbe() (*server, error) {
	addr := a.config.HTTP.MetricsAddr
	if addr == "" || a.plays(API) {
		return nil, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "cannot listen on %s: %v", addr, err).
			WithHint("another process may use the port; give each process on a machine a HEYQ_METRICS_ADDR of its own")
	}
	a.where.Probe = "http://" + listener.Addr().String()
	return a.newServer(listener, api.NewProbe(api.ProbeOptions{Checks: a.checks(), Metrics: a.metrics})), nil
}

// answerProbes does so until the end. Where it cannot, the work goes on: it is
// only unseen.
func (a *App) answerProbes() {
	if err := a.probe.serve(); err != nil {
		a.log.Error().Err(err).Msg("this process answers no probes any more")
	}
}

// newServer serves a handler with the patience that all of heyq's servers have.
// The App closes the listener.
func (a *App) newServer(l net.Listener, h http.Handler) *server {
	a.onClose(func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return &server{
		listener: l,
		http: &http.Server{
			Handler:           h,
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       readTimeout,
			IdleTimeout:       idleTimeout,
		},
	}
}
