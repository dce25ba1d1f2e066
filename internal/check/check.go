// Package check gathers what is wrong with the fields of an input, each with its name,
// its value and the remedy.
package check

import (
	"slices"
	"strings"
	"unicode/utf8"

	"heyq/internal/fault"
	"heyq/internal/text"
)

// Fields gathers what is wrong with an input. The zero value is not usable; see New.
type Fields struct{ fault *fault.Error }

// New returns Fields whose error has that message.
func New(message string) *Fields { return &Fields{fault.New(fault.Invalid, "%s", message)} }

// Err is a fault.Invalid with every wrong field, a fault.Malformed if one of them is not
// UTF-8, and nil if nothing is wrong.
func (f *Fields) Err() error {
	if len(f.fault.Fields) == 0 {
		return nil
	}
	return f.fault
}

// Wrong adds a wrong field; the formatted message says what is wanted.
func (f *Fields) Wrong(field string, value any, format string, args ...any) {
	_ = f.fault.WithField(field, value, format, args...)
}

// Unreadable adds a field whose text is not UTF-8. Text from JSON always is UTF-8,
// so such a text comes from another Go program.
func (f *Fields) Unreadable(field string) {
	f.fault.Code = fault.Malformed
	f.Wrong(strings.ToValidUTF8(field, "\uFFFD"), nil, "is not UTF-8; encode it so")
}

// Text checks that value has no more characters than most, and that each of
// them may stand in a text of this sort. A value that is not UTF-8 is
// Unreadable.
func (f *Fields) Text(field, value string, most int, sort text.Sort) {
	if !utf8.ValidString(value) || !utf8.ValidString(field) {
		f.Unreadable(field)
		return
	}
	if n := utf8.RuneCountInString(value); n > most {
		f.Wrong(field, value, "has %d characters; give at most %d", n, most)
	}
	if problem := text.Unfit(value, sort); problem != "" {
		f.Wrong(field, value, "%s", problem)
	}
}

// Line is Text for one line.
func (f *Fields) Line(field, value string, most int) { f.Text(field, value, most, text.Line) }

// OneOf checks that a value is one of those that are allowed, or empty.
func (f *Fields) OneOf(field, value string, allowed []string) {
	if value != "" && !slices.Contains(allowed, value) {
		f.Wrong(field, value, "is %q; give %s", value, Or(allowed))
	}
}

// Or joins words as English does: a, b or c.
func Or(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
