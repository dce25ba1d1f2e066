package api

import (
	"context"
	"encoding"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"heyq/people"
	"heyq/wire"
)

// add registers an operation that wants a scope. An error of its handler becomes a problem. The schemas
// of its examples, and of its input's field JSON, are documented beside them.
func add[I, O any](s *server, route string, scope people.Scope, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	op.Method, op.Path, _ = strings.Cut(route, " ")
	s.protect(&op, scope)
	body := op.RequestBody
	op.RequestBody = nil // or huma would read it as well
	for _, r := range op.Responses {
		if content := r.Content[jsonType]; content != nil {
			content.Schema = s.schemas().Schema(reflect.TypeOf(content.Example), true, "")
		}
	}
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return out, nil
	})
	path := s.huma.OpenAPI().Paths[op.Path]
	for _, registered := range []*huma.Operation{path.Get, path.Put, path.Post, path.Patch, path.Delete} {
		if registered == nil || registered.Method != op.Method {
			continue
		}
		if body != nil {
			input, _ := reflect.TypeFor[I]().FieldByName("JSON")
			documented, _ := reflect.New(input.Type).Interface().(interface {
				schema(r huma.Registry) *huma.Schema
			})
			body.Content[jsonType].Schema = documented.schema(s.schemas())
			registered.RequestBody = body
		}
		showProblems(registered.Responses)
	}
}

// showProblems gives each documented error an example.
func showProblems(responses map[string]*huma.Response) {
	for _, example := range problemExamples() {
		if r := responses[strconv.Itoa(example.Status)]; r != nil {
			if content := r.Content["application/problem+json"]; content != nil {
				content.Example = example
			}
		}
	}
}

func (s *server) schemas() huma.Registry { return s.huma.OpenAPI().Components.Schemas }

const jsonType = "application/json"

// examples of a body, by name.
type examples map[string]*huma.Example

// required documents a body by examples.
func required(e examples) *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonType: {Examples: e}}}
}

// optional documents a body that may be left out.
func optional(e examples) *huma.RequestBody {
	body := required(e)
	body.Required = false
	return body
}

// answers documents an answer by an example.
func answers(description string, example any) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{jsonType: {Example: example}}}
}

// bytesOf documents an answer that is a file.
func bytesOf(description, contentType string) *huma.Response {
	return &huma.Response{
		Description: description,
		Content:     map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
}

// inWordsToo says of each priority that is asked for that it may be a word, which huma
// cannot know.
func inWordsToo(schemas huma.Registry) {
	video := schemas.Map()[huma.DefaultSchemaNamer(reflect.TypeFor[wire.NewVideo](), "")]
	number := video.Properties["priority"]
	word := &huma.Schema{Type: huma.TypeString}
	for _, w := range wire.PriorityWords {
		word.Enum = append(word.Enum, w)
	}
	word.PrecomputeMessages()
	video.Properties["priority"] = &huma.Schema{
		Description: number.Description, Examples: number.Examples,
		OneOf: []*huma.Schema{{Type: huma.TypeInteger}, word},
	}
}

// nullable says of objects that they may be null, which huma cannot say of a
// reference: of each pointer that is always there.
func nullable(schemas huma.Registry) {
	text := reflect.TypeFor[encoding.TextUnmarshaler]()
	for name, schema := range schemas.Map() {
		for _, field := range reflect.VisibleFields(schemas.TypeFromRef("#/components/schemas/" + name)) {
			tag, more, _ := strings.Cut(field.Tag.Get("json"), ",")
			was := schema.Properties[tag]
			isObject := field.Type.Kind() == reflect.Pointer && field.Type.Elem().Kind() == reflect.Struct && !field.Type.Implements(text)
			if was != nil && isObject && more == "" && was.Ref != "" {
				schema.Properties[tag] = &huma.Schema{Description: was.Description, AnyOf: []*huma.Schema{{Ref: was.Ref}, {Type: "null"}}}
			}
		}
	}
}
