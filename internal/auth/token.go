package auth

import (
	"crypto/sha256"
	"crypto/subtle"
)

// token is the hash of the operator token. Comparing hashes takes the same time
// whatever is compared: neither a common beginning nor the length can be
// measured.
type token [sha256.Size]byte

func newToken(value string) token { return sha256.Sum256([]byte(value)) }

// is reports whether shown is the token.
func (t token) is(shown string) bool {
	other := newToken(shown)
	return subtle.ConstantTimeCompare(t[:], other[:]) == 1
}
