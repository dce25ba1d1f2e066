package main

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"heyq/internal/testkit"
	"heyq/store/postgres/postgrestest"
)

// otlpServer is a collector: it keeps what is sent to it.
type otlpServer struct {
	collector.UnimplementedTraceServiceServer
	url string

	mu    sync.Mutex
	spans []*otlp.Span
	roles map[string]bool // of the processes that sent them
}

func newCollector(t *testing.T) *otlpServer {
	t.Helper()
	c := &otlpServer{roles: map[string]bool{}}
	web := httptest.NewServer(c)
	t.Cleanup(web.Close)
	c.url = web.URL
	return c
}

// newCollectorOf is a collector that speaks a protocol of OTLP's.
func newCollectorOf(t *testing.T, protocol string) *otlpServer {
	t.Helper()
	if protocol != "grpc" {
		return newCollector(t)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &otlpServer{roles: map[string]bool{}, url: "http://" + listener.Addr().String()}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, c)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return c
}

// Export takes traces as OTLP over gRPC.
func (c *otlpServer) Export(_ context.Context, sent *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.keep(sent)
	return &collector.ExportTraceServiceResponse{}, nil
}

// ServeHTTP takes traces as OTLP over HTTP.
func (c *otlpServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(body)
	}
	raw, err := io.ReadAll(body)
	var sent collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(raw, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.keep(&sent)
}

func (c *otlpServer) keep(sent *collector.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, process := range sent.ResourceSpans {
		for _, a := range process.Resource.Attributes {
			if a.Key == "heyq.roles" {
				c.roles[a.Value.GetStringValue()] = true
			}
		}
		for _, scope := range process.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
}

// trace returns the names of a trace's spans, each behind that of its parent.
func (c *otlpServer) trace(id string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := map[string]string{}
	for _, s := range c.spans {
		names[string(s.SpanId)] = s.Name
	}
	var list []string
	for _, s := range c.spans {
		if hex.EncodeToString(s.TraceId) == id {
			list = append(list, names[string(s.ParentSpanId)]+" > "+s.Name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// ids lists the traces in which a span of that name is.
func (c *otlpServer) ids(name string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for _, s := range c.spans {
		if s.Name == name {
			list = append(list, hex.EncodeToString(s.TraceId))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// linked lists the traces that spans of a name link to.
func (c *otlpServer) linked(name string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for _, s := range c.spans {
		for _, l := range s.Links {
			if s.Name == name {
				list = append(list, hex.EncodeToString(l.TraceId))
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// wantNothingOf fails the test if a span holds one of the words.
func (c *otlpServer) wantNothingOf(t *testing.T, words ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		for _, word := range words {
			if text := s.String(); strings.Contains(text, word) {
				t.Errorf("%q is in a span: %s", word, text)
			}
		}
	}
}

// testToken lets in to the heyqs of a test.
const testToken = "OPERATOR-MARK-7f3a9c52e1b84d06a5c7e9f1b3d5a7c9"

// oneTrace is what a collector gets of a video that is asked for alone.
var oneTrace = []string{
	" > POST /v1/videos",
	"POST /v1/videos > accept",
	"accept > create",
	"accept > download",
	"accept > notify",
	"accept > poll",
	"create > heygen create",
	"download > fetch",
	"download > heygen get",
	"download > publish",
	"notify > webhook",
	"poll > heygen statuses",
}

// traced asks a heyq for one video in the trace of its caller, and waits until
// its receiver has been told of its end.
func traced(t *testing.T, api string) (trace string) {
	t.Helper()
	told := make(chan struct{}, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told <- struct{}{} }))
	t.Cleanup(receiver.Close)
	const caller = "0af7651916cd43dd8448eb211c80319c"
	body := fmt.Sprintf(`{"title": "Hello", "script": "SCRIPT-MARK", "avatar_id": "avatar_1", "voice_id": "voice_1", "notify_url": %q}`, receiver.URL)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api+"/v1/videos", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+testToken)
	req.Header.Set("Traceparent", "00-"+caller+"-b7ad6b7169203331-01")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("answered %s: %s", answer.Status, text)
	}
	select {
	case <-told:
	case <-time.After(testkit.Patience):
		t.Fatal("nobody was told of the video's end")
	}
	return caller
}

// One video is one trace, from the request to the word of its end. An orderly end
// sends the last spans.
func TestE2E_trace(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			c := newCollectorOf(t, protocol)
			id := ""
			t.Run("heyq", func(t *testing.T) {
				api := serve(t, []string{
					"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.url, "OTEL_EXPORTER_OTLP_PROTOCOL=" + protocol,
					"HEYQ_OPERATOR_TOKEN=" + testToken, "HEYQ_NOTIFY_ALLOW_PRIVATE=true",
				}, "API ", "up", "--dir", t.TempDir(), "--addr", "127.0.0.1:0", "--render-time", "100ms")
				id = traced(t, api)
				wantTracedProblem(t, api)
			})
			wantTree(t, c.trace(id), oneTrace)
			c.wantNothingOf(t, "SCRIPT-MARK")
		})
	}
}

// wantTracedProblem checks that an error names its request and its trace.
func wantTracedProblem(t *testing.T, api string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api+"/v1/videos/none", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var problem struct {
		RequestID string `json:"request_id"`
		TraceID   string `json:"trace_id"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&problem); err != nil {
		t.Fatal(err)
	}
	if problem.RequestID == "" || problem.RequestID != answer.Header.Get("X-Request-Id") || len(problem.TraceID) != 32 {
		t.Errorf("the problem names request %q and trace %q, the header request %q", problem.RequestID, problem.TraceID, answer.Header.Get("X-Request-Id"))
	}
}

// wantTree wants the spans of tree in a trace; those of an analysis may be there.
func wantTree(t *testing.T, got, tree []string) {
	t.Helper()
	for _, want := range tree {
		if !slices.Contains(got, want) {
			t.Errorf("the trace lacks %q", want)
		}
	}
	for _, span := range got {
		if !slices.Contains(tree, span) && span != "accept > analyze" {
			t.Errorf("the trace has %q", span)
		}
	}
	if t.Failed() {
		t.Logf("the trace:\n%s", strings.Join(got, "\n"))
	}
}

// Over processes and queues it is the same trace. Of a batch each video has its
// own, and what is done for several at once links to theirs.
func TestE2E_trace_over_processes_real(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	id := ""
	t.Run("heyq", func(t *testing.T) {
		heygen := serve(t, nil, "simulator at ", "simulator", "--addr", "127.0.0.1:0", "--render-time", "300ms")
		environ := []string{
			"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.url, "HEYQ_OPERATOR_TOKEN=" + testToken, "HEYQ_NOTIFY_ALLOW_PRIVATE=true",
			"HEYQ_NOTIFY_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
			"DATABASE_URL=" + postgrestest.URL(t), "REDIS_URL=" + testkit.Redis(t), "HEYQ_DIR=" + t.TempDir(),
			"HEYGEN_API_URL=" + heygen, "HEYGEN_API_KEY=any", "HEYQ_POLL_INTERVAL=100ms", "HEYQ_ADDR=127.0.0.1:0",
		}
		api := serve(t, environ, "API ", "api")
		serve(t, environ, "Redis ", "worker")
		id = traced(t, api)

		user := []string{"HEYQ_URL=" + api, "HEYQ_OPERATOR_TOKEN=" + testToken}
		heyq(t, user, "videos", "import", "../../examples/people.csv", "--yes").wantOK(t)
		testkit.Eventually(t, func() error {
			if o := heyq(t, user, "videos", "list", "--state", "completed", "--per-page", "100", "--json"); strings.Count(o.stdout, `"completed"`) < 21 {
				return fmt.Errorf("not all are completed: %s", o.stderr)
			}
			return nil
		})
	})
	wantTree(t, c.trace(id), oneTrace)
	if !c.roles["api"] || !c.roles["worker"] {
		t.Errorf("spans came from %v", c.roles)
	}
	accepted := c.ids("accept")
	if len(accepted) != 21 {
		t.Errorf("21 videos are in %d traces", len(accepted))
	}
	looked := append(c.ids("poll"), c.linked("poll")...)
	for _, video := range accepted {
		tree := c.trace(video)
		for _, want := range []string{"accept > create", "create > heygen create", "accept > download", "download > publish"} {
			if !slices.Contains(tree, want) {
				t.Errorf("a trace lacks %q: %s", want, tree)
			}
		}
		if !slices.Contains(looked, video) {
			t.Errorf("no poll is in the trace of a video, or links to it: %s", tree)
		}
	}
	batches := c.linked("accept")
	if len(batches) != 1 || !slices.Contains(c.ids("POST /v1/videos/batch"), batches[0]) {
		t.Errorf("the traces of a batch link to %v, want to its request", batches)
	}
}
