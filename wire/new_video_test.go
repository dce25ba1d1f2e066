package wire_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"heyq/wire"
)

// Flags and sheets take a field as its kind wants it, and know these.
func TestFields_are_of_known_kinds(t *testing.T) {
	t.Parallel()
	known := []reflect.Kind{reflect.String, reflect.Bool, reflect.Int, reflect.Map}
	fields := wire.Fields()
	for _, f := range fields {
		if !slices.Contains(known, f.Type.Kind()) && f.Type != reflect.TypeFor[time.Time]() || f.Doc == "" {
			t.Errorf("%s is a %s, described as %q", f.Name, f.Type, f.Doc)
		}
	}
	for _, name := range []string{"title", "not_before", "script", "caption"} {
		if !slices.ContainsFunc(fields, func(f wire.Field) bool { return f.Name == name }) {
			t.Errorf("%s is missing in %v", name, fields)
		}
	}
}
