package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
)

// shape is the form of a JSON object: its fields and their types, as the
// documentation shows them. What the values may be is not its business.
type shape struct {
	registry huma.Registry
	schema   *huma.Schema
}

func shapeOf[T any](r huma.Registry) shape {
	return shape{r, r.Schema(reflect.TypeFor[T](), false, "")}
}

// decode fills into, a pointer to the shape's type, with the fields of a parsed
// body that have the right form. The error is a fault.Invalid that names all
// the others.
func (s shape) decode(parsed, into any) error {
	wrong := fault.New(fault.Invalid, notReadable)
	object, ok := parsed.(map[string]any)
	if !ok {
		return wrong.WithField("", shown(parsed), "is no object; give one in braces")
	}
	good := maps.Clone(object)
	s.dropUnknown(good, wrong)
	s.dropMistyped(good, wrong)
	encoded, err := json.Marshal(good)
	if err != nil {
		return fmt.Errorf("encode the fields: %w", err)
	}
	err = json.Unmarshal(encoded, into)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // a number beyond the field's type
		err = nil
		_ = wrong.WithField(mismatch.Field, shown(good[mismatch.Field]), "is out of range; give a smaller number")
	}
	if err != nil {
		return fmt.Errorf("decode the fields: %w", err)
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	return nil
}

// dropUnknown looks for the exact names: encoding/json would take Script for
// script, and drop scirpt in silence.
func (s shape) dropUnknown(object map[string]any, wrong *fault.Error) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if s.schema.Properties[name] == nil {
			_ = wrong.WithField(name, shown(object[name]), "is no field here; remove it or correct its name")
			delete(object, name)
		}
	}
}

func (s shape) dropMistyped(object map[string]any, wrong *fault.Error) {
	var found huma.ValidateResult
	huma.Validate(s.registry, s.schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, object, &found)
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

// shown is a value as an error repeats it: whole where it is small, and the
// beginning of its JSON (fault cuts strings) where it is a list or an object.
func shown(value any) any {
	switch value.(type) {
	case map[string]any, []any:
		encoded, _ := json.Marshal(value)
		return string(encoded)
	}
	return value
}
