// Package fault holds the one error type that people see.
//
// A fault says what is wrong (Message), with which value (Fields) and what to
// do about it (Hint). The code decides the HTTP status and the exit code; the
// two maps that translate it live in wire and cmd/heyq, nowhere else. fault
// knows nothing about any other package of heyq.
package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Code classifies a fault. The set is closed: every code is one row in the
// HTTP status table (wire) and in the exit code table (cmd/heyq).
type Code string

// The codes, from the caller's mistakes to ours.
const (
	Malformed   Code = "malformed"   // the input cannot be read at all
	Invalid     Code = "invalid"     // the input was read, and a field is wrong
	TooLarge    Code = "too_large"   // the input exceeds a documented limit
	Forbidden   Code = "forbidden"   // the caller may not do this
	NotFound    Code = "not_found"   // no such thing, or none that the caller may see
	Gone        Code = "gone"        // there was such a thing, and it was removed
	Conflict    Code = "conflict"    // the thing is in a state that forbids this
	Unavailable Code = "unavailable" // something heyq needs is away; try again
	Internal    Code = "internal"    // a bug, or a failure that no code foresaw
)

// Field is one wrong field of an input.
type Field struct {
	Name    string `json:"field"`           // path in the input, such as videos[3].script
	Value   any    `json:"value,omitempty"` // what was given; shortened if it is long, absent if secret
	Message string `json:"message"`         // what is wanted and how to mend it
}

// MaxFields is how many wrong fields a fault tells.
const MaxFields = 100

// Error is a fault. Message and Hint are written for the person who made the
// request; Err is for the log and never shown.
type Error struct {
	Code    Code
	Message string
	Hint    string
	Fields  []Field // MaxFields at most
	More    int     // wrong fields that are not told
	Advice  Advice  // what Hint says, for who says it in other words; empty: it is said in these
	About   string  // what Advice is about
	Err     error
}

// Error returns the message, every wrong field and the hint, in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for i, f := range e.Fields {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s: %s", f.Name, f.Message)
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "; and %d more", e.More)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, " (%s)", e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns a fault with a formatted message.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns a fault that was caused by err.
func Wrap(err error, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Err: err}
}

// WithHint sets what the reader can do about it and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithField adds a wrong field and returns e. A long name, value or argument is cut, so
// that no answer grows with its request.
func (e *Error) WithField(name string, value any, format string, args ...any) *Error {
	if len(e.Fields) >= MaxFields {
		e.More++
		return e
	}
	for i, arg := range args {
		args[i] = cut(arg, 400)
	}
	shortName, _ := cut(name, 200).(string)
	e.Fields = append(e.Fields, Field{Name: shortName, Value: shorten(value), Message: fmt.Sprintf(format, args...)})
	return e
}

// CodeOf returns the code of the first fault in err's chain, Internal for any
// other error and the empty code for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// shorten keeps a field's value readable: a script of 5,001 characters says
// nothing more than its beginning does, and a list or an object no more than the
// beginning of its JSON.
func shorten(value any) any {
	const most = 80
	switch value.(type) {
	case map[string]any, []any:
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil
		}
		value = string(encoded)
	}
	return cut(value, most)
}

// cut keeps what is no string as it is.
func cut(value any, most int) any {
	s, ok := value.(string)
	if !ok || len(s) <= most {
		return value
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// AddFields takes over the fields of another fault, each name behind prefix.
// An error that is no fault becomes one field, named by the prefix alone.
func (e *Error) AddFields(prefix string, err error) {
	other, ok := errors.AsType[*Error](err)
	if !ok || len(other.Fields) == 0 {
		_ = e.WithField(strings.TrimSuffix(prefix, "."), nil, "%s", err.Error())
		return
	}
	for _, f := range other.Fields {
		_ = e.WithField(prefix+f.Name, f.Value, "%s", f.Message)
	}
	e.More += other.More
}
