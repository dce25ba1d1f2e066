package api

import (
	"context"
	"encoding/json"
	"net/http"

	"heyq/operate/health"
	"heyq/wire"
)

// ProbeOptions are what a Probe answers with.
type ProbeOptions struct {
	Checks  []health.Check // what /readyz asks
	Metrics http.Handler   // what /metrics answers; nil: 404

	Known func(context.Context) bool // whether a request showed the token; nil: each did
}

// NewProbe returns the part of the API that a process without the API has, for
// its supervisor: /healthz and /readyz as the API answers them, and
// /metrics. It shows no secrets, and asks for none.
func NewProbe(o ProbeOptions) http.Handler {
	ready := readiness(o.Checks, o.Known)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeReadiness(w, wire.Readiness{Status: wire.Healthy, Checks: map[string]wire.Health{}})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		writeReadiness(w, ready(r.Context()))
	})
	if o.Metrics != nil {
		mux.Handle("GET /metrics", o.Metrics)
	}
	return mux
}

func writeReadiness(w http.ResponseWriter, r wire.Readiness) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(statusOf(r))
	_ = json.NewEncoder(w).Encode(r) // the client may be gone
}
