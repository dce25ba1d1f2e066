package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// A shape checks one JSON value, found at path in a body, and says what is
// wrong with it in the words of HeyGen's validator.
type shape func(path string, value any) *problem

// object is a JSON object as encoding/json reads it.
type object map[string]any

// has tells whether a field is there; null is the same as absent.
func (o object) has(name string) bool { return o[name] != nil }

// text returns a string field, empty if it is absent.
func (o object) text(name string) string {
	s, _ := o[name].(string)
	return s
}

// object returns an object field, nil if it is absent.
func (o object) object(name string) object {
	m, _ := o[name].(map[string]any)
	return m
}

// words returns a field that is a list of strings, nil if it is absent.
func (o object) words(name string) []string {
	all, _ := o[name].([]any)
	if all == nil {
		return nil
	}
	words := make([]string, len(all))
	for i, v := range all {
		words[i], _ = v.(string)
	}
	return words
}

// field is one row in a table of fields.
type field struct {
	shape    shape
	required bool
}

func optional(s shape) field { return field{shape: s} }
func required(s shape) field { return field{shape: s, required: true} }

// fields is the table of an object's fields.
type fields map[string]field

// with returns the table with more rows; a later row replaces an earlier one.
func (f fields) with(more fields) fields {
	all := maps.Clone(f)
	maps.Copy(all, more)
	return all
}

// maxBody bounds a JSON body; it may carry an image in base64.
const maxBody = 64 << 20

// readBody reads a JSON body and checks it against its shape.
func readBody(r *http.Request, s shape) (object, *problem) {
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, &problem{status: http.StatusRequestEntityTooLarge, code: "payload_too_large", message: "The request body is too large or was cut off."}
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, invalid("", "Request body is not valid JSON.")
	}
	if p := s("", value); p != nil {
		return nil, p
	}
	return value.(map[string]any), nil
}

// strict is an object with a table of fields: required ones are there, no others are, each is in shape.
func strict(table fields) shape {
	var needed []string
	for name, f := range table {
		if f.required {
			needed = append(needed, name)
		}
	}
	slices.Sort(needed)

	return func(path string, value any) *problem {
		given, ok := value.(map[string]any)
		if !ok {
			return invalid(path, "Input should be a valid object")
		}
		for _, name := range needed {
			if given[name] == nil {
				return invalid(join(path, name), "Field required")
			}
		}
		for _, name := range slices.Sorted(maps.Keys(given)) {
			f, known := table[name]
			if !known {
				return invalid(join(path, name), "Extra inputs are not permitted")
			}
			if given[name] == nil {
				continue
			}
			if p := f.shape(join(path, name), given[name]); p != nil {
				return p
			}
		}
		return nil
	}
}

// tagged is an object of one of several shapes, told apart by the field tag.
func tagged(tag string, variants map[string]fields) shape {
	shapes := make(map[string]shape, len(variants))
	for name, table := range variants {
		shapes[name] = strict(table.with(fields{tag: required(word(name))}))
	}
	expected := quoted(slices.Sorted(maps.Keys(variants)))

	return func(path string, value any) *problem {
		given, ok := value.(map[string]any)
		if !ok {
			return invalid(path, "Input should be a valid object")
		}
		if given[tag] == nil {
			return invalid(join(path, tag), "Field required")
		}
		name, _ := given[tag].(string)
		variant, known := shapes[name]
		if !known {
			return invalid(join(path, tag), fmt.Sprintf("Input should be one of %s", expected))
		}
		return variant(path, value)
	}
}

// text is a string of least to most characters; most 0 sets no bound.
func text(least, most int) shape {
	return func(path string, value any) *problem {
		s, ok := value.(string)
		if !ok {
			return invalid(path, "Input should be a valid string")
		}
		switch n := utf8.RuneCountInString(s); {
		case n < least:
			return invalid(path, fmt.Sprintf("String should have at least %d character(s)", least))
		case most > 0 && n > most:
			return invalid(path, fmt.Sprintf("String should have at most %d characters", most))
		}
		return nil
	}
}

// word is one of a closed set of strings.
func word(set ...string) shape {
	return func(path string, value any) *problem {
		if s, ok := value.(string); ok && slices.Contains(set, s) {
			return nil
		}
		return invalid(path, "Input should be one of "+quoted(set))
	}
}

// number is a number from least to most, both included.
func number(least, most float64) shape {
	return func(path string, value any) *problem {
		n, ok := value.(float64)
		switch {
		case !ok:
			return invalid(path, "Input should be a valid number")
		case n < least:
			return invalid(path, fmt.Sprintf("Input should be greater than or equal to %v", least))
		case n > most:
			return invalid(path, fmt.Sprintf("Input should be less than or equal to %v", most))
		}
		return nil
	}
}

// integer is a number without a fraction, from least to most.
func integer(least, most float64) shape {
	inRange := number(least, most)
	return func(path string, value any) *problem {
		if n, ok := value.(float64); !ok || n != math.Trunc(n) {
			return invalid(path, "Input should be a valid integer")
		}
		return inRange(path, value)
	}
}

func boolean(path string, value any) *problem {
	if _, ok := value.(bool); !ok {
		return invalid(path, "Input should be a valid boolean")
	}
	return nil
}

// anything takes every value.
func anything(string, any) *problem { return nil }

// link is an absolute http or https URL.
func link(path string, value any) *problem {
	s, ok := value.(string)
	if !ok {
		return invalid(path, "Input should be a valid string")
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return invalid(path, "Input should be a valid URL")
	}
	return nil
}

// items is an array of least to most values of one shape.
func items(least, most int, each shape) shape {
	return func(path string, value any) *problem {
		all, ok := value.([]any)
		switch {
		case !ok:
			return invalid(path, "Input should be a valid list")
		case len(all) < least:
			return invalid(path, fmt.Sprintf("List should have at least %d item(s)", least))
		case len(all) > most:
			return invalid(path, fmt.Sprintf("List should have at most %d items", most))
		}
		for i, v := range all {
			if p := each(fmt.Sprintf("%s.%d", path, i), v); p != nil {
				return p
			}
		}
		return nil
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func quoted(words []string) string { return "'" + strings.Join(words, "', '") + "'" }
