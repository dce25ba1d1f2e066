package api

import (
	"net/http"
	"strings"

	"heyq/internal/heygenhook"
	"heyq/internal/trace"
)

// traced makes each request a span, in its sender's trace. It stands
// behind the login, so that no stranger is believed. If nothing is traced it is not
// there at all.
func traced(tracer *trace.Tracer, next http.Handler) http.Handler {
	if !tracer.On() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if probes[r.URL.Path] {
			next.ServeHTTP(w, r)
			return
		}
		ctx, span := tracer.Serve(r, strings.HasPrefix(r.URL.Path, heygenhook.Path))
		defer span.End()
		v := visitOf(ctx)
		v.trace = trace.ID(ctx)
		panics := true
		defer func() {
			status := http.StatusInternalServerError
			if out, ok := w.(*statusWriter); ok && !panics {
				status = out.status
			}
			if v.route != "" { // the path itself may hold a token
				_, path, _ := strings.Cut(v.route, " ")
				span.Name(r.Method+" "+path).HTTP(r.Method, path, status)
			} else {
				span.HTTP(r.Method, "", status)
			}
			if panics {
				span.Failed("panic")
			}
			span.Request(v.id).Error(v.cause)
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
		panics = false
	})
}

// probes ask every few seconds, and tell of nothing.
var probes = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true}
