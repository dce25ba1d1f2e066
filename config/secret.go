package config

import (
	"fmt"
	"io"
	"net/url"
	"strings"
)

const redacted = "[redacted]"

// Secret is a value that no print, log or JSON shows. Only Reveal does.
type Secret struct{ value string }

// NewSecret returns a secret with that value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value itself.
func (s Secret) Reveal() string { return s.value }

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.value != "" }

// String returns [redacted], or nothing if there is nothing to hide.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return redacted
}

// GoString is String: %#v shows no more.
func (s Secret) GoString() string { return s.String() }

// Format is String for every verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText is String, which covers JSON and zerolog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the value over.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}

// SecretURL is a URL that may carry a password. Printed it shows where it
// leads, and [redacted] in place of the password.
type SecretURL struct{ value string }

// Reveal returns the URL with its password.
func (u SecretURL) Reveal() string { return u.value }

// IsSet reports whether there is a URL.
func (u SecretURL) IsSet() bool { return u.value != "" }

// String returns the URL without its password. Of something that is no URL it
// shows nothing, since a password may be anywhere in it.
func (u SecretURL) String() string {
	if u.value == "" {
		return ""
	}
	parsed, err := url.Parse(u.value)
	if err != nil || parsed.Scheme == "" || parsed.Host == "" && parsed.Path == "" || afterHost(parsed, '@') {
		return redacted
	}
	if _, ok := parsed.User.Password(); ok {
		parsed.User = url.UserPassword(parsed.User.Username(), redacted)
	}
	query := parsed.Query()
	for name := range query {
		if strings.Contains(strings.ToLower(name), "password") {
			query.Set(name, redacted)
			parsed.RawQuery = query.Encode()
		}
	}
	return strings.ReplaceAll(parsed.String(), url.QueryEscape(redacted), redacted)
}

// afterHost reports whether r stands behind the host of the URL. An @ there belongs to a
// password that was not escaped.
func afterHost(u *url.URL, r rune) bool {
	return strings.ContainsRune(u.Opaque+u.Path+u.RawQuery+u.Fragment, r)
}

// GoString is String: %#v shows no more.
func (u SecretURL) GoString() string { return u.String() }

// Format is String for every verb.
func (u SecretURL) Format(f fmt.State, _ rune) { io.WriteString(f, u.String()) }

// MarshalText is String, which covers JSON and zerolog.
func (u SecretURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText keeps the text as it is.
func (u *SecretURL) UnmarshalText(text []byte) error {
	u.value = string(text)
	return nil
}

func fileURL(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }
