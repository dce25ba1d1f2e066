package trace

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// scope names heyq as the author of its spans.
const scope = "heyq"

// Tracer starts spans. nil is a Tracer that is off. It is safe for concurrent
// use.
type Tracer struct{ tracer oteltrace.Tracer }

// New returns a Tracer whose spans go to p.
func New(p oteltrace.TracerProvider) *Tracer { return &Tracer{p.Tracer(scope)} }

// On reports whether t is not off. Ask before work that only a span would need.
func (t *Tracer) On() bool { return t != nil }

// Start starts a span under the one of ctx. If there is none nothing is
// started: heyq's own errands belong to no trace.
func (t *Tracer) Start(ctx context.Context, name string) (context.Context, Span) {
	if t == nil || !oteltrace.SpanContextFromContext(ctx).IsValid() {
		return ctx, Span{}
	}
	return t.start(ctx, name)
}

// Resume starts a span of a video whose row remembers parent; without one it
// begins a trace.
func (t *Tracer) Resume(ctx context.Context, name, parent string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	return t.start(oteltrace.ContextWithSpanContext(ctx, parse(parent)), name)
}

// Together starts one span for several videos, whose rows remember parents: it is
// a trace of its own that links to theirs. For a single one it is Resume.
func (t *Tracer) Together(ctx context.Context, name string, parents []string) (context.Context, Span) {
	switch {
	case t == nil:
		return ctx, Span{}
	case len(parents) == 1:
		return t.Resume(ctx, name, parents[0])
	}
	links := make([]oteltrace.Link, 0, len(parents))
	for _, parent := range parents {
		if sc := parse(parent); sc.IsValid() {
			links = append(links, oteltrace.Link{SpanContext: sc})
		}
	}
	return t.start(ctx, name, oteltrace.WithNewRoot(), oteltrace.WithLinks(links...))
}

// Serve starts the span of an HTTP request, under the span of the request's
// sender. A stranger's is only linked to.
func (t *Tracer) Serve(r *http.Request, stranger bool) (context.Context, Span) {
	ctx, server := r.Context(), oteltrace.WithSpanKind(oteltrace.SpanKindServer)
	caller := parse(r.Header.Get(Header))
	switch {
	case t == nil:
		return ctx, Span{}
	case stranger && caller.IsValid():
		return t.start(ctx, r.Method, server, oteltrace.WithLinks(oteltrace.Link{SpanContext: caller}))
	case stranger:
		return t.start(ctx, r.Method, server)
	}
	return t.start(oteltrace.ContextWithRemoteSpanContext(ctx, caller), r.Method, server)
}

// start starts a span, whatever ctx says of parents.
func (t *Tracer) start(ctx context.Context, name string, options ...oteltrace.SpanStartOption) (context.Context, Span) {
	ctx, span := t.tracer.Start(ctx, name, options...)
	return ctx, Span{span}
}

// Accept starts the spans under which n videos are accepted, and which their rows
// remember. One video goes on in the trace of ctx, of several each begins its
// own, with a link to it. The provider is that of the span in ctx, so that another
// service's spans and heyq's meet; without one there is nothing, and nil.
func Accept(ctx context.Context, n int) []Accepted {
	caller := oteltrace.SpanFromContext(ctx)
	if !caller.SpanContext().IsValid() {
		return nil
	}
	t := New(caller.TracerProvider())
	var options []oteltrace.SpanStartOption
	if n > 1 {
		options = append(options, oteltrace.WithNewRoot(), oteltrace.WithLinks(oteltrace.Link{
			SpanContext: caller.SpanContext(), Attributes: []attribute.KeyValue{attribute.String("heyq.link", "request")},
		}))
	}
	list := make([]Accepted, n)
	for i := range list {
		started, span := t.start(ctx, "accept", options...)
		list[i] = Accepted{span, Parent(started)}
	}
	return list
}

// Accepted is the span under which one video is accepted.
type Accepted struct {
	Span
	Parent string // for its row
}
