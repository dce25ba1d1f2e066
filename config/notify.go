package config

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// Secrets returns the secrets that sign, in the order in which they were given.
func (n Notify) Secrets() []string { return strings.Fields(n.Secret.Reveal()) }

// The bounds of a webhook secret, after the Standard Webhooks specification.
const (
	secretPrefix   = "whsec_"
	minSecretBytes = 24
	maxSecretBytes = 64
)

// Signs reports whether there are secrets, and each of them can sign.
func (n Notify) Signs() bool {
	for _, secret := range n.Secrets() {
		encoded, ok := strings.CutPrefix(secret, secretPrefix)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < minSecretBytes || len(key) > maxSecretBytes {
			return false
		}
	}
	return len(n.Secrets()) > 0
}

// isReceiver reports whether n's URL may be posted to.
func isReceiver(n Notify) bool {
	u, err := url.Parse(n.URL)
	return err == nil && u.Hostname() != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && n.AllowPrivate)
}
