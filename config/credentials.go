package config

import "strings"

// The bounds of an operator token. The right one passes at any time, so that
// guessing has to be hopeless at any rate; and a header has room for 512.
const (
	minToken   = 24
	maxToken   = 512
	minLetters = 8 // different ones
)

// isKey reports whether s can be a key of HeyGen's: a header carries it, and quotes
// come from a file that was read by something else than a shell.
func isKey(s Secret) bool {
	return !strings.ContainsFunc(s.value, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune("\"'`", c) })
}

// IsOperatorToken reports whether s can be one: a header has to carry it, and
// no stranger may guess it.
func IsOperatorToken(s Secret) bool {
	letters := map[rune]bool{}
	unfit := func(c rune) bool {
		letters[c] = true
		return c <= ' ' || c > '~'
	}
	return len(s.value) >= minToken && len(s.value) <= maxToken && !strings.ContainsFunc(s.value, unfit) && len(letters) >= minLetters
}
