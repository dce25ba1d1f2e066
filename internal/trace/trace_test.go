package trace_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/uuid"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"

	"heyq/internal/trace"
)

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	parent  = "00-" + traceID + "-b7ad6b7169203331-01"
	other   = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)

// recorder is a Tracer and what its spans came to.
func recorder() (*trace.Tracer, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	return trace.New(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))), spans
}

func TestParent_is_read_as_it_is_written(t *testing.T) {
	t.Parallel()
	tracer, _ := recorder()
	ctx, span := tracer.Resume(t.Context(), "step", parent)
	defer span.End()
	written := trace.Parent(ctx)
	again, _ := tracer.Resume(t.Context(), "step", written)
	if trace.IDOf(written) != traceID || trace.ID(again) != traceID || written == parent {
		t.Errorf("wrote %q in the trace of %q", written, parent)
	}
	if trace.Parent(t.Context()) != "" || trace.ID(t.Context()) != "" {
		t.Error("there is a parent where nothing is traced")
	}
}

// What a stranger calls a traceparent must not be believed further than it can
// be read.
func FuzzParent(f *testing.F) {
	for _, seed := range []string{
		parent, "", "00-" + traceID + "-b7ad6b7169203331-0", "ff-" + traceID + "-b7ad6b7169203331-01",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-" + traceID + "-b7ad6b7169203331-zz", parent + "-more",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tracer, _ := recorder()
		ctx, span := tracer.Resume(context.Background(), "step", text)
		span.End()
		written := trace.Parent(ctx)
		if len(written) != len(parent) && text != "" && written != "" {
			t.Errorf("%q became %q", text, written)
		}
		if trace.ID(ctx) == "" {
			t.Errorf("%q left the step without a trace", text)
		}
	})
}

func TestTracer_keeps_to_what_the_sampler_decided(t *testing.T) {
	t.Parallel()
	tracer, spans := recorder()
	ctx, span := tracer.Resume(t.Context(), "step", parent[:53]+"00")
	_, below := tracer.Start(ctx, "below")
	below.Video(uuid.New()).Step("create", 1).End()
	span.End()
	if len(spans.Ended()) != 0 {
		t.Errorf("%d spans were recorded of a trace that was not to be", len(spans.Ended()))
	}
	if got := trace.Parent(ctx); trace.IDOf(got) != traceID || got[53:] != "00" {
		t.Errorf("the next step is told %q", got)
	}
}

func TestTracer_Together(t *testing.T) {
	t.Parallel()
	tracer, spans := recorder()
	for _, parents := range [][]string{{parent}, {parent, "", other}} {
		_, span := tracer.Together(t.Context(), "poll", parents)
		span.Videos(len(parents)).End()
	}
	alone, several := spans.Ended()[0], spans.Ended()[1]
	if alone.SpanContext().TraceID().String() != traceID || len(alone.Links()) != 0 {
		t.Errorf("a poll of one video is in trace %s with %d links", alone.SpanContext().TraceID(), len(alone.Links()))
	}
	if several.Parent().IsValid() || len(several.Links()) != 2 || several.Links()[1].SpanContext.TraceID().String() != trace.IDOf(other) {
		t.Errorf("a poll of several links to %v", several.Links())
	}
}

func TestTracer_Start_begins_no_trace(t *testing.T) {
	t.Parallel()
	tracer, spans := recorder()
	_, span := tracer.Start(t.Context(), "errand")
	span.End()
	if len(spans.Ended()) != 0 {
		t.Error("an errand of nobody's is traced")
	}
}

// A stranger is a caller whose trace is none of ours.
func TestTracer_Serve(t *testing.T) {
	t.Parallel()
	tracer, spans := recorder()
	for _, stranger := range []bool{false, true} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set(trace.Header, parent)
		_, span := tracer.Serve(r, stranger)
		span.HTTP(r.Method, "/v1/videos", 202).End()
	}
	known, strange := spans.Ended()[0], spans.Ended()[1]
	if known.SpanContext().TraceID().String() != traceID || known.SpanKind() != oteltrace.SpanKindServer {
		t.Errorf("a request of trace %s is in %s", traceID, known.SpanContext().TraceID())
	}
	if strange.SpanContext().TraceID().String() == traceID || len(strange.Links()) != 1 {
		t.Errorf("a stranger's request is in trace %s, with %d links", strange.SpanContext().TraceID(), len(strange.Links()))
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	tracer, spans := recorder()
	ctx, request := tracer.Resume(t.Context(), "request", parent)
	one, several := trace.Accept(ctx, 1), trace.Accept(ctx, 3)
	for _, span := range slices.Concat(one, several) {
		span.End()
	}
	request.End()
	if trace.IDOf(one[0].Parent) != traceID {
		t.Errorf("one video goes on in %s", one[0].Parent)
	}
	seen := map[string]bool{traceID: true}
	for i, span := range spans.Ended()[1:4] {
		id := trace.IDOf(several[i].Parent)
		if seen[id] || len(span.Links()) != 1 || span.Links()[0].SpanContext.TraceID().String() != traceID {
			t.Errorf("video %d of several is in %s, with links %v", i, id, span.Links())
		}
		seen[id] = true
	}
	if list := trace.Accept(t.Context(), 2); list != nil {
		t.Errorf("accepted %v where nothing is traced", list)
	}
}

func TestTransport_sends_no_header(t *testing.T) {
	t.Parallel()
	tracer, spans := recorder()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(trace.Header) != "" {
			t.Error("another company is told of the trace")
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	client := &http.Client{Transport: &trace.Transport{
		Tracer: tracer, Next: http.DefaultTransport, Name: func(*http.Request) string { return "call" },
	}}
	for _, ctx := range []context.Context{t.Context(), resumed(t, tracer)} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	if list := spans.Ended(); len(list) != 1 || list[0].Name() != "call" || list[0].Status().Description == "" {
		t.Errorf("recorded %v, want the one failed call within a trace", list)
	}
}

func resumed(t *testing.T, tracer *trace.Tracer) context.Context {
	ctx, span := tracer.Resume(t.Context(), "step", parent)
	t.Cleanup(span.End)
	return ctx
}

// step is what a step does of tracing, all told.
func step(ctx context.Context, tracer *trace.Tracer, video uuid.UUID) {
	ctx, span := tracer.Resume(ctx, "download", "")
	span.Video(video).Step("download", 1).HeyGenID("hg").Request("request")
	_, fetch := tracer.Start(ctx, "fetch")
	fetch.Failed("").Error(nil).End()
	if tracer.On() {
		panic("it is off")
	}
	_, poll := tracer.Together(ctx, "poll", nil)
	poll.Videos(100).End()
	_ = trace.Accept(ctx, 1)
	_ = trace.Parent(ctx)
	_ = trace.IDOf("")
	span.Outcome("completed").Error(nil).End()
}

// A trace that is off costs nothing.
func TestTracer_off_costs_nothing(t *testing.T) {
	ctx, video := t.Context(), uuid.New()
	if n := testing.AllocsPerRun(1000, func() { step(ctx, nil, video) }); n != 0 {
		t.Errorf("a step that is not traced allocates %v times", n)
	}
}

func BenchmarkStep_off(b *testing.B) {
	ctx, video := b.Context(), uuid.New()
	b.ReportAllocs()
	for b.Loop() {
		step(ctx, nil, video)
	}
}
