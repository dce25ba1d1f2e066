package api

import (
	"cmp"
	"context"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
)

// add registers an operation. An error of its handler becomes a problem; the
// request body is documented, but left to the handler to read, since its
// mistakes are to be told together with those that only jobs can see.
func add[I, O any](s *server, route string, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	op.Method, op.Path, _ = strings.Cut(route, " ")
	body := op.RequestBody
	op.RequestBody = nil
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return out, nil
	})
	path := s.huma.OpenAPI().Paths[op.Path]
	if body != nil {
		cmp.Or(path.Put, path.Post).RequestBody = body
	}
	for _, documented := range []*huma.Operation{path.Get, path.Put, path.Post, path.Delete} {
		showProblems(documented)
	}
}

// showProblems gives each documented error an example.
func showProblems(op *huma.Operation) {
	if op == nil {
		return
	}
	for _, example := range problemExamples() {
		if r := op.Responses[strconv.Itoa(example.Status)]; r != nil {
			if content := r.Content["application/problem+json"]; content != nil {
				content.Example = example
			}
		}
	}
}

// describe registers the types that bodyOf and answerOf refer to. Some of them
// are the shapes of what is read.
func (s *server) describe(schemas huma.Registry) {
	s.video = shapeOf[jobs.NewVideo](schemas)
	s.renewal = shapeOf[RetryRequest](schemas)
	s.verdict = shapeOf[ResolveRequest](schemas)
	s.again = shapeOf[RedeliverRequest](schemas)
	s.address = shapeOf[RegisterRequest](schemas)
	s.requeueing = shapeOf[RequeueJobsRequest](schemas)
	s.changing = shapeOf[ChangeJobsRequest](schemas)
	s.logging = shapeOf[LogRequest](schemas)
	s.batch = shapeOf[batchBody](huma.NewMapRegistry("#/", huma.DefaultSchemaNamer)) // looser than what is documented
	for _, t := range []reflect.Type{
		reflect.TypeFor[Batch](), reflect.TypeFor[BatchAnswer](), reflect.TypeFor[Verdict](),
		reflect.TypeFor[Video](), reflect.TypeFor[VideoDetails](), reflect.TypeFor[VideoList](),
		reflect.TypeFor[ChangedVideo](), reflect.TypeFor[Admission](), reflect.TypeFor[Readiness](), reflect.TypeFor[Version](),
		reflect.TypeFor[Schedule](), reflect.TypeFor[ScheduledStart](),
		reflect.TypeFor[Endpoint](), reflect.TypeFor[EndpointList](),
		reflect.TypeFor[Log](),
		reflect.TypeFor[Alert](), reflect.TypeFor[AlertList](),
		reflect.TypeFor[Notification](), reflect.TypeFor[NotificationList](), reflect.TypeFor[Redelivered](),
		reflect.TypeFor[JobList](), reflect.TypeFor[JobDetails](), reflect.TypeFor[RequeuedJobs](), reflect.TypeFor[ChangedJobs](),
		reflect.TypeFor[QueueList](), reflect.TypeFor[ChangedQueue](),
		reflect.TypeFor[Stats](),
	} {
		schemas.Schema(t, true, "")
	}
}

// bodyOf documents a JSON body of type T with named examples.
func bodyOf[T any](required bool, examples map[string]*huma.Example) *huma.RequestBody {
	return &huma.RequestBody{
		Required: required,
		Content:  map[string]*huma.MediaType{"application/json": {Schema: refTo[T](), Examples: examples}},
	}
}

// answerOf documents an answer by an example.
func answerOf[T any](description string, example T) *huma.Response {
	return &huma.Response{
		Description: description,
		Content:     map[string]*huma.MediaType{"application/json": {Schema: refTo[T](), Example: example}},
	}
}

// bytesOf documents an answer that is a file.
func bytesOf(description, contentType string) *huma.Response {
	return &huma.Response{
		Description: description,
		Content:     map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
}

func refTo[T any]() *huma.Schema {
	return &huma.Schema{Ref: "#/components/schemas/" + huma.DefaultSchemaNamer(reflect.TypeFor[T](), "")}
}
