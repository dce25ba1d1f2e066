package trace

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// Transport carries requests, and makes each a span under the span of its
// context. It sends no header of its own: other companies are told nothing of our
// traces.
type Transport struct {
	Tracer *Tracer
	Next   http.RoundTripper
	Name   func(*http.Request) string // of the span
}

// RoundTrip implements http.RoundTripper. The span ends with the answer's head.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !t.Tracer.On() || !oteltrace.SpanContextFromContext(req.Context()).IsValid() {
		return t.Next.RoundTrip(req)
	}
	ctx, span := t.Tracer.start(req.Context(), t.Name(req), oteltrace.WithSpanKind(oteltrace.SpanKindClient),
		oteltrace.WithAttributes(attribute.String("server.address", req.URL.Host)))
	defer span.End()
	resp, err := t.Next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		span.HTTP(req.Method, "", 0).Error(err)
		return resp, err
	}
	span.HTTP(req.Method, "", resp.StatusCode)
	if resp.StatusCode >= http.StatusBadRequest {
		span.Failed(resp.Status)
	}
	return resp, nil
}

// CloseIdleConnections closes those of what carries the requests, as
// http.Client.CloseIdleConnections and others who hold a transport expect.
func (t *Transport) CloseIdleConnections() {
	if next, ok := t.Next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}
