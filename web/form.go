package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"heyq/internal/fault"
	"heyq/wire"
)

// maxForm is how much a page's form may send, in bytes.
const maxForm = 1 << 20

// form is what a person typed, with what is wrong of it.
type form struct {
	Values url.Values
	Wrong  map[string]string // by field
	Fault  string            // about all of it
}

// Value is what was typed into a field.
func (f form) Value(name string) string { return f.Values.Get(name) }

// Problem is what is wrong with a field; empty: nothing.
func (f form) Problem(name string) string { return f.Wrong[name] }

// Has reports whether a value was chosen among several.
func (f form) Has(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Problems lists the fields that are wrong and are not among those that the page shows.
func (f form) Problems() (list []string) {
	for name := range f.Wrong {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// read reads a form. What is no UTF-8 is told of as the fields' own checks do.
func read(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		if _, over := errors.AsType[*http.MaxBytesError](err); over {
			return nil, fault.New(fault.TooLarge, "the form has more than %d bytes", maxForm).WithHint("go back, and send less")
		}
		return nil, fault.Wrap(err, fault.Malformed, "the form did not arrive in full").WithHint("go back, and send it again")
	}
	return r.PostForm, nil
}

// refused puts what is wrong beside the fields of a form. It returns the status to answer
// with; ok is false if the error is none that the form can tell.
func (f *form) refused(err error, words string) (status int, ok bool) {
	said, ok := errors.AsType[*fault.Error](err)
	if !ok || said.Code == fault.Internal || said.Code == fault.NotFound || said.Code == fault.Forbidden {
		return 0, false
	}
	f.Fault, f.Wrong = words, map[string]string{}
	if len(said.Fields) == 0 {
		f.Fault = said.Message + "; " + said.Hint
	}
	for _, field := range said.Fields {
		if f.Wrong[field.Name] == "" {
			f.Wrong[field.Name] = field.Message
		}
	}
	return wire.StatusOf(said.Code), true
}
