package heygenhook

import (
	"regexp"
	"strings"
)

// Endpoint is an address that is registered with HeyGen, as an operator sees
// it: without its secret.
type Endpoint struct {
	ID      string
	URL     string
	Events  []string // empty: all
	Enabled bool     // HeyGen delivers there
	Known   bool     // heyq holds its secret, and so can verify what is delivered
	Another string   // word of the other installation that registered it; empty: none did
}

// owner ends the addresses that heyq registers: HeyGen keeps it, and sends it with
// each delivery.
var owner = regexp.MustCompile(`[?&]heyq=([0-9a-f]{8})$`)

// Own returns the form in which the installation with this word registers an
// address: the address with the word at its end. Two installations may register
// the same address, and each finds its own endpoint by the word.
func Own(address, word string) string {
	address, _ = Owner(address)
	if strings.Contains(address, "?") {
		return address + "&heyq=" + word
	}
	return address + "?heyq=" + word
}

// Owner splits a registered address into the address and the word of the
// installation that registered it. If there is no word, word is empty and
// address is registered as it is.
func Owner(registered string) (address, word string) {
	at := owner.FindStringSubmatchIndex(registered)
	if at == nil {
		return registered, ""
	}
	return registered[:at[0]], registered[at[2]:at[3]]
}
