package jobs_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"heyq/internal/trace"
	"heyq/jobs"
	"heyq/store"
)

// A service that traces its own work finds heyq's below it, without a word of
// heyq's configuration.
func TestClient_remembers_where_a_video_comes_from(t *testing.T) {
	t.Parallel()
	provider := sdktrace.NewTracerProvider()
	ctx, span := provider.Tracer("another service").Start(t.Context(), "order")
	defer span.End()
	ctx = trace.WithRequest(ctx, "order-4711")
	s := &shelf{}
	client := jobs.NewClient(s)
	if _, err := client.CreateVideo(ctx, valid("script")); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateVideos(ctx, []jobs.NewVideo{valid("script"), valid("heygen")}); err != nil {
		t.Fatal(err)
	}
	callers := span.SpanContext().TraceID().String()
	for i, v := range s.created {
		if v.Origin.Request != "order-4711" {
			t.Errorf("video %d comes from request %q", i, v.Origin.Request)
		}
		if id := trace.IDOf(v.Origin.Trace); id == "" || (id == callers) != (i == 0) {
			t.Errorf("video %d is in trace %q, the caller in %s", i, id, callers)
		}
	}
}

func TestClient_remembers_nothing_where_nobody_traces(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	if _, err := jobs.NewClient(s).CreateVideo(context.Background(), valid("script")); err != nil {
		t.Fatal(err)
	}
	if s.created[0].Origin != (store.Origin{}) {
		t.Errorf("the video comes from %+v", s.created[0].Origin)
	}
}
