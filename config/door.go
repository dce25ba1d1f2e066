package config

import (
	"net"
	"strings"
)

// The bounds of an operator token. Ten guesses a minute will not find one of 16
// characters, and a header has room for 512.
const (
	minToken = 16
	maxToken = 512
)

// IsOperatorToken reports whether s can be one: a header has to carry it, and
// nobody may guess it.
func IsOperatorToken(s Secret) bool {
	unfit := func(c rune) bool { return c <= ' ' || c > '~' }
	return len(s.value) >= minToken && len(s.value) <= maxToken && !strings.ContainsFunc(s.value, unfit)
}

// local reports whether h's address is one that only this machine reaches.
func (h HTTP) local() bool {
	host, _, err := net.SplitHostPort(h.Addr)
	return err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}
