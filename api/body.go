package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyq/internal/fault"
	"heyq/internal/text"
)

// The most bytes that a body may have.
const (
	maxBody     = 1 << 20
	maxBatch    = 10 << 20
	maxOpenBody = 16 << 10 // of a stranger's
)

// theBody is what a fault calls a body.
const theBody = "the body"

const notReadable = "the body is not valid"

// body is the JSON object of a request, of type T. The input of an operation has it as its
// field JSON, and the function add describes it in the documentation. huma decodes it
// before the handler runs. An error of decoding is kept for read, so that the handler
// reports it like its other errors.
type body[T any] struct {
	data []byte
	err  error
}

// Resolve implements huma.Resolver. It reads no more than the operation's MaxBodyBytes.
func (b *body[T]) Resolve(ctx huma.Context) []error {
	most := ctx.Operation().MaxBodyBytes
	r, w := humago.Unwrap(ctx)
	if r.ContentLength > most {
		b.err = tooLarge(most)
		return nil
	}
	b.data, b.err = io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if _, over := errors.AsType[*http.MaxBytesError](b.err); over {
		b.err = tooLarge(most)
	} else if b.err != nil {
		b.err = fault.Wrap(b.err, fault.Malformed, "the body did not arrive in full").WithHint("send it again")
	}
	if b.err == nil && len(b.data) == 0 && ctx.Operation().RequestBody.Required {
		b.err = fault.New(fault.Malformed, "the body is empty").WithHint("send a JSON object")
	}
	return nil
}

// schema is how the documentation shows the body.
func (*body[T]) schema(r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[T](), true, "") }

// check says what is wrong with the body as JSON, if there is one.
func (b *body[T]) check() error {
	if b.err != nil || len(b.data) == 0 {
		return b.err
	}
	return text.CheckJSON(theBody, b.data)
}

// read returns the object. It is the zero one if the body is optional and was not sent.
func (b *body[T]) read(r huma.Registry) (object T, err error) {
	if err := b.check(); err != nil || len(b.data) == 0 {
		return object, err
	}
	return decode[T](r, b.data)
}

func tooLarge(most int64) error {
	err := fault.New(fault.TooLarge, "the body is larger than %d bytes", most)
	if most == maxOpenBody {
		return err.WithHint("send the token and the password alone")
	}
	return err.WithHint("send up to 1 MB for one video, and up to 10 MB and 1,000 videos for a batch")
}

// decode reads a T from JSON that text.CheckJSON has checked.
func decode[T any](r huma.Registry, data []byte) (object T, err error) {
	fields, err := parse(data)
	if err != nil {
		return object, err
	}
	return fill[T](r, fields)
}

func parse(data []byte) (map[string]any, error) {
	wrong := fault.New(fault.Invalid, notReadable)
	var parsed any
	if err := json.Unmarshal(data, &parsed); err != nil {
		if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // a number beyond float64
			return nil, wrong.WithField("body", mismatch.Value, "is out of range at byte %d; give a smaller number", mismatch.Offset)
		}
		return nil, err
	}
	fields, ok := parsed.(map[string]any)
	if !ok {
		return nil, wrong.WithField("", shown(parsed), "is no object; give one in braces")
	}
	return fields, nil
}

// fill makes an object of the fields whose form is the one that the documentation
// shows. The error is a fault.Invalid that names all the others. What the values may
// be is not its business.
func fill[T any](r huma.Registry, fields map[string]any) (object T, err error) {
	wrong := fault.New(fault.Invalid, notReadable)
	good := maps.Clone(fields)
	drop(good, r, r.Schema(reflect.TypeFor[T](), false, ""), wrong)
	encoded, err := json.Marshal(good)
	if err != nil {
		return object, fmt.Errorf("encode the fields: %w", err)
	}
	err = json.Unmarshal(encoded, &object)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // a number beyond the field's type
		err = nil
		_ = wrong.WithField(mismatch.Field, shown(good[mismatch.Field]), "is out of range; give a smaller number")
	}
	if err != nil {
		return object, fmt.Errorf("decode the fields: %w", err)
	}
	if len(wrong.Fields) > 0 {
		return object, wrong
	}
	return object, nil
}

// drop removes what is wrong of an object, and tells it: first the names that there
// are not, exactly as they are written (encoding/json would take Script for script,
// and drop scirpt in silence), then the values of the wrong type.
func drop(object map[string]any, r huma.Registry, schema *huma.Schema, wrong *fault.Error) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if schema.Properties[name] == nil {
			_ = wrong.WithField(name, shown(object[name]), "is no field here; remove it or correct its name")
			delete(object, name)
		}
	}
	var found huma.ValidateResult
	huma.Validate(r, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, object, &found)
	begin := len(wrong.Fields)
	for _, err := range found.Errors {
		if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			_ = wrong.WithField(d.Location, shown(d.Value), "%s", inWords(d.Message))
			delete(object, topName(d.Location))
		}
	}
	slices.SortFunc(wrong.Fields[begin:], func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
}

// topName returns the field of the object that a path leads through.
func topName(path string) string {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return path
}

// shown is a value as an error repeats it: whole if it is small, and the
// beginning of its JSON (fault cuts strings) if it is a list or an object.
func shown(value any) any {
	switch value.(type) {
	case map[string]any, []any:
		encoded, _ := json.Marshal(value)
		return string(encoded)
	}
	return value
}
