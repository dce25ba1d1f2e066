package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"heyq/config"
	"heyq/heygen"
	"heyq/internal/trace"
)

// flushTime is how long the last spans may take on their way to the collector.
const flushTime = 2 * time.Second

// openTracing builds OpenTelemetry's SDK if a collector is named. If none is,
// it builds nothing. The SDK reads its own standard variables for the sampler,
// the limits and the batches.
func (a *App) openTracing(ctx context.Context) error {
	c := a.config.Tracing
	if !c.On() {
		return nil
	}
	spans, err := newExporter(ctx, c)
	if err != nil {
		return fmt.Errorf("send traces to %s: %w", c.Collector(), err)
	}
	names := make([]string, len(a.options.Roles))
	for i, role := range a.options.Roles {
		names[i] = string(role)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(
			attribute.String("service.name", c.Service),
			attribute.String("service.version", a.options.Build.Version),
			attribute.String("heyq.roles", strings.Join(names, ",")),
		),
		resource.WithHost(), resource.WithProcessPID(), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil { // a part that could not be read, and the rest
		a.log.Warn().Err(err).Msg("not all of what traces say of this process is known")
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(about))
	a.tracer = trace.New(provider)
	tellOfTracing.Do(func() { otel.SetErrorHandler(otel.ErrorHandlerFunc(a.notSent)) })
	a.onClose(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), flushTime)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil { // no reason for an end to fail
			a.notSent(err)
		}
		return nil
	})
	return nil
}

// tellOfTracing guards OpenTelemetry's one error handler, which all of a process
// share.
var tellOfTracing sync.Once

func (a *App) notSent(err error) {
	a.log.Warn().Err(err).Msg("traces could not be sent to the collector")
}

func newExporter(ctx context.Context, c config.Tracing) (*otlptrace.Exporter, error) {
	if c.Protocol == "grpc" {
		return otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(c.Collector()))
	}
	return otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.Collector()))
}

// traced makes each request to HeyGen a span, if anything is traced.
func (a *App) traced(next http.RoundTripper) http.RoundTripper {
	if !a.tracer.On() {
		return next
	}
	return &trace.Transport{
		Tracer: a.tracer, Next: next,
		Name: func(req *http.Request) string { return "heygen " + heygen.CallName(req) },
	}
}
