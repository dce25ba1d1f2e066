package text

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Sort says what a text may hold.
type Sort int

// The sorts of text.
const (
	Line  Sort = iota // a title, a name, an id: one line
	Prose             // a script, a description: line breaks and tabs as well
)

// Unfit says which character of s may not stand in a text of this sort, and
// what to do about it. It returns "" if every one may. s must be UTF-8.
func Unfit(s string, sort Sort) string {
	n := 0
	for _, r := range s {
		n++
		if problem := unfit(r, sort); problem != "" {
			return fmt.Sprintf("holds "+problem, r, n)
		}
	}
	return ""
}

// unfit is a format of the character and its place.
func unfit(r rune, sort Sort) string {
	switch {
	case sort == Prose && (r == '\n' || r == '\r' || r == '\t'):
		return ""
	case r == 0:
		return "a NUL character (%U, character %d); remove it"
	case r == '\n' || r == '\r' || r == '\u2028' && sort == Line || r == '\u2029' && sort == Line:
		return "a line break (%U, character %d); give one line"
	case unicode.IsControl(r):
		return "a control character (%U, character %d); remove it"
	case r == '\u202D' || r == '\u202E': // what only marks a direction, people write
		return "a character that turns the text around (%U, character %d); remove it"
	case r == utf8.RuneError:
		return "%U (character %d), which stands where a character was lost; write that one again, in UTF-8"
	}
	return ""
}

// Speakable reports whether a voice would find anything in s: a letter, a digit,
// a sign. Spaces, and what has no width or no ink, are none.
func Speakable(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !unicode.In(r, inkless)
	})
}

// inkless are letters and signs that are drawn as nothing: Hangul's fillers and
// Braille's empty cell.
var inkless = &unicode.RangeTable{
	R16: []unicode.Range16{{0x115F, 0x1160, 1}, {0x2800, 0x2800, 1}, {0x3164, 0x3164, 1}, {0xFFA0, 0xFFA0, 1}},
}

// Visible returns s with each character that could move, hide or forge what
// stands around it on a screen written as its escape: control characters (line
// breaks and tabs too), what turns the direction of a text, and what has no width.
// Bytes that are not UTF-8 are written as \xff.
func Visible(s string) string {
	if !strings.ContainsFunc(s, hides) { // bytes that are not UTF-8 are U+FFFD here
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == utf8.RuneError || !hides(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// EscapeJSON returns JSON that means the same, with the escapes of JSON for the
// characters that Visible does not let through.
func EscapeJSON(encoded []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(encoded) {
		switch {
		case r < 0x80 && r != 0x7F || r == utf8.RuneError || !hides(r): // JSON has escaped the former itself
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return b.Bytes()
}

func hides(r rune) bool {
	const joiners = "\u200C\u200D" // which Persian, Hindi and emoji are written with
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) ||
		unicode.In(r, unicode.Cf) && !strings.ContainsRune(joiners, r)
}
