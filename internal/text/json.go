package text

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"heyq/internal/fault"
)

// The most that one video's JSON may hold. HeyGen's largest bodies have a few
// hundred values.
const (
	maxNames  = 500    // in one object
	maxValues = 10_000 // in all, names included
)

// CheckJSON reads data as one JSON value. The text of an error begins with what, a name for
// the data. A fault.Malformed: data is not JSON, is not UTF-8, holds half of a surrogate
// pair or has a name twice in an object. A fault.TooLarge: it holds more than heyq takes.
func CheckJSON(what string, data []byte) error {
	d := newDecoder(what, data)
	if _, err := d.value(); err != nil {
		return err
	}
	return d.end()
}

// Items reads data, which what names, as an object with the list of that name, and
// calls item with each element of the list. rest is the object without the list.
// It stops at an element above most with a fault.TooLarge, and has read nothing
// behind it; otherwise its errors are those of CheckJSON and of item. An element
// that holds more than heyq takes ends it too, with its place in the error.
func Items(what string, data []byte, list string, most int, item func(i int, element []byte) error) (rest []byte, err error) {
	d := newDecoder(what, data)
	if d.PeekKind() != '{' {
		if _, err := d.value(); err != nil {
			return nil, err
		}
		return data, d.end()
	}
	_, _ = d.ReadToken()
	rest = []byte{'{'}
	for names := 1; d.PeekKind() != '}'; names++ {
		if names > maxNames {
			return nil, d.tooMany("an object with more than %d names", maxNames)
		}
		start := d.InputOffset()
		name, err := d.ReadToken()
		if err != nil {
			return nil, d.unreadable(err)
		}
		if name.String() == list && d.PeekKind() == '[' {
			if err := d.items(list, most, item); err != nil {
				return nil, err
			}
			continue
		}
		if _, err := d.value(); err != nil {
			return nil, err
		}
		member := bytes.TrimLeft(data[start:d.InputOffset()], " \t\r\n,")
		if len(rest) > 1 {
			rest = append(rest, ',')
		}
		rest = append(rest, member...)
	}
	_, _ = d.ReadToken()
	return append(rest, '}'), d.end()
}

// Encode is encoding/json's Marshal, but returns an error for a string that is not UTF-8,
// and for a name that is there twice in raw JSON.
func Encode(v any) ([]byte, error) {
	return json.Marshal(v, jsonv1.DefaultOptionsV1(), jsonv1.ReportErrorsWithLegacySemantics(false), jsontext.AllowInvalidUTF8(false), jsontext.AllowDuplicateNames(false))
}

// EachString calls fn with every string of a JSON value that Encode made, names of
// objects too, and where it stands: .scenes[0].text.
func EachString(encoded []byte, fn func(path, s string)) {
	d := jsontext.NewDecoder(bytes.NewBuffer(encoded))
	for {
		token, err := d.ReadToken()
		if err != nil {
			return
		}
		if token.Kind() == '"' {
			fn(path(d.StackPointer()), token.String())
		}
	}
}

// NotUTF8 reports whether Encode failed for a string that is not UTF-8, or for half
// of a surrogate pair.
func NotUTF8(err error) bool {
	return errors.Is(err, errInvalidUTF8) || err != nil && strings.Contains(err.Error(), "invalid surrogate pair")
}

func path(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		if _, err := strconv.Atoi(token); err == nil {
			b.WriteString("[" + token + "]")
		} else {
			b.WriteString("." + token)
		}
	}
	return b.String()
}

// decoder counts what it reads.
type decoder struct {
	*jsontext.Decoder
	what string
	data []byte
}

func newDecoder(what string, data []byte) *decoder {
	return &decoder{jsontext.NewDecoder(bytes.NewBuffer(data)), what, data}
}

// value passes over the next value and returns it as it stands.
func (d *decoder) value() ([]byte, error) {
	depth, values := d.StackDepth(), 0
	_ = d.PeekKind() // behind what separates it
	start := d.InputOffset()
	for {
		if _, err := d.ReadToken(); err != nil {
			return nil, d.unreadable(err)
		}
		if values++; values > maxValues {
			return nil, d.tooMany("more than %d values", maxValues)
		}
		now := d.StackDepth()
		if kind, length := d.StackIndex(now); kind == '{' && length > 2*maxNames {
			return nil, d.tooMany("an object with more than %d names", maxNames)
		}
		if now <= depth {
			return bytes.TrimLeft(d.data[start:d.InputOffset()], " \t\r\n,:"), nil
		}
	}
}

// items reads a list.
func (d *decoder) items(list string, most int, item func(i int, element []byte) error) error {
	_, _ = d.ReadToken()
	for i := 0; d.PeekKind() != ']'; i++ {
		if i == most {
			return fault.New(fault.TooLarge, "%s has more than %d %s", d.what, most, list).WithHint("give at most %d at a time", most)
		}
		element, err := d.value()
		if err != nil {
			return err
		}
		if err := item(i, element); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return d.unreadable(err)
}

// end fails if something stands behind the value.
func (d *decoder) end() error {
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("something stands behind its end")
		}
		return d.unreadable(err)
	}
	return nil
}

func (d *decoder) tooMany(format string, args ...any) error {
	at := strings.TrimPrefix(path(d.StackPointer().Parent()), ".")
	if at != "" {
		at = " in " + shorten(at)
	}
	return fault.New(fault.TooLarge, "%s has %s%s", d.what, fmt.Sprintf(format, args...), at).WithHint("give fewer")
}

// unreadable returns an error that says at which place the data stops being valid JSON.
func (d *decoder) unreadable(err error) error {
	if err == nil {
		return nil
	}
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok { // the end came too early
		syntax = &jsontext.SyntacticError{ByteOffset: d.InputOffset(), Err: err}
		if errors.Is(err, io.EOF) {
			syntax.Err = errors.New("unexpected end")
		}
	}
	if errors.Is(syntax, jsontext.ErrDuplicateName) {
		return fault.New(fault.Malformed, "%s has the name %q twice in one object", d.what, shorten(syntax.JSONPointer.LastToken())).
			WithHint("remove one of the two: which of them counts would be a guess")
	}
	reason := strings.TrimPrefix(syntax.Err.Error(), "jsontext: ")
	switch {
	case NotUTF8(syntax):
		return fault.New(fault.Malformed, "%s is not UTF-8 at byte %d%s", d.what, syntax.ByteOffset, within(syntax)).
			WithHint("encode it as UTF-8; a \\u escape of a character beyond U+FFFF is a pair")
	default:
		return fault.New(fault.Malformed, "%s is no JSON: %s at byte %d", d.what, reason, syntax.ByteOffset).
			WithHint("give one JSON object, in UTF-8")
	}
}

// errInvalidUTF8 is the reason that jsontext gives, which it does not export.
var errInvalidUTF8 = func() error {
	_, err := jsontext.AppendQuote(nil, "\xff")
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return err
	}
	return syntax.Err
}()

func within(e *jsontext.SyntacticError) string {
	if at := strings.TrimPrefix(path(e.JSONPointer), "."); at != "" {
		return ", in " + shorten(at)
	}
	return ""
}

// shorten keeps a name of the sender's readable.
func shorten(name string) string {
	const most = 80
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
