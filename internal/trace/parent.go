package trace

import (
	"context"
	"encoding/hex"

	oteltrace "go.opentelemetry.io/otel/trace"
)

// Header is the name under which a parent travels, in HTTP and in a task.
const Header = "traceparent"

// parentSize is that of a parent of version 00, the only one there is.
const parentSize = len("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

// Parent returns the span of ctx as a W3C traceparent, and "" if there is none.
func Parent(ctx context.Context) string { return parentOf(oteltrace.SpanContextFromContext(ctx)) }

func parentOf(sc oteltrace.SpanContext) string {
	if !sc.IsValid() {
		return ""
	}
	trace, span := sc.TraceID(), sc.SpanID()
	text := make([]byte, 0, parentSize)
	text = hex.AppendEncode(append(text, "00-"...), trace[:])
	text = hex.AppendEncode(append(text, '-'), span[:])
	text = hex.AppendEncode(append(text, '-'), []byte{byte(sc.TraceFlags() & oteltrace.FlagsSampled)})
	return string(text)
}

// parse reads a parent. What is none is an invalid context, which begins a trace
// anew.
func parse(parent string) oteltrace.SpanContext {
	var none oteltrace.SpanContext
	if len(parent) != parentSize || parent[:3] != "00-" || parent[35] != '-' || parent[52] != '-' {
		return none
	}
	trace, err := oteltrace.TraceIDFromHex(parent[3:35])
	if err != nil {
		return none
	}
	span, err := oteltrace.SpanIDFromHex(parent[36:52])
	if err != nil {
		return none
	}
	var flags [1]byte
	if _, err := hex.Decode(flags[:], []byte(parent[53:])); err != nil {
		return none
	}
	return oteltrace.NewSpanContext(oteltrace.SpanContextConfig{
		TraceID: trace, SpanID: span, TraceFlags: oteltrace.TraceFlags(flags[0]) & oteltrace.FlagsSampled, Remote: true,
	})
}

// IDOf returns the id of a parent's trace, which log lines show; "" for what is
// no parent.
func IDOf(parent string) string {
	if len(parent) != parentSize {
		return ""
	}
	return parent[3:35]
}

// ID returns the id of the trace that ctx is in; "": it is in none.
func ID(ctx context.Context) string {
	if sc := oteltrace.SpanContextFromContext(ctx); sc.HasTraceID() {
		return sc.TraceID().String()
	}
	return ""
}

type requestKey struct{}

// WithRequest returns a context that knows the id of the HTTP request.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// Request returns the id of the HTTP request that ctx belongs to; "": to none.
func Request(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
