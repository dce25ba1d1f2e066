package heygenhook_test

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"heyq/internal/heygenhook"
)

var now = time.Unix(1_790_000_000, 0)

// loading is a source of secrets that does not change.
func loading(secrets ...string) func(context.Context) ([]string, error) {
	return func(context.Context) ([]string, error) { return secrets, nil }
}

// signed is the hexadecimal signature of body.
func signed(body, secret string) string {
	return hex.EncodeToString(heygenhook.Sign([]byte(body), secret))
}

func signs(signature string, body []byte, secret string) bool {
	return strings.EqualFold(signature, signed(string(body), secret))
}

func TestSignature(t *testing.T) {
	t.Parallel()
	const body, old, current = `{"event_type":"x"}`, "old", "current"
	at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	for _, c := range []struct {
		name    string
		header  http.Header
		secrets []string
		body    string
		want    error
	}{
		{"by its documented name", http.Header{"Heygen-Signature": {signed(body, old)}}, []string{old}, body, nil},
		{"by the name in the wild", http.Header{"Signature": {signed(body, old)}}, []string{old}, body, nil},
		{"in capitals", http.Header{"Signature": {strings.ToUpper(signed(body, old))}}, []string{old}, body, nil},
		{"beside one of a proxy", http.Header{"Heygen-Signature": {signed(body, old)}, "Signature": {"sig1=:MEUCIQ==:"}}, []string{old}, body, nil},
		{"beside a wrong one", http.Header{"Heygen-Signature": {signed(body, "x")}, "Signature": {signed(body, old)}}, []string{old}, body, nil},
		{"of the first of two secrets", http.Header{"Signature": {signed(body, old)}}, []string{old, current}, body, nil},
		{"of the second of two secrets", http.Header{"Signature": {signed(body, current)}}, []string{old, current}, body, nil},
		{"four minutes old", http.Header{"Signature": {signed(body, old)}, "Heygen-Timestamp": {at(-4 * time.Minute)}}, []string{old}, body, nil},
		{"by a clock ahead", http.Header{"Signature": {signed(body, old)}, "Heygen-Timestamp": {at(4 * time.Minute)}}, []string{old}, body, nil},

		{"none", http.Header{}, []string{old}, body, heygenhook.ErrUnsigned},
		{"empty", http.Header{"Signature": {""}}, []string{old}, body, heygenhook.ErrUnsigned},
		{"no hexadecimal", http.Header{"Heygen-Signature": {"hello"}}, []string{old}, body, heygenhook.ErrUnsigned},
		{"too short", http.Header{"Heygen-Signature": {signed(body, old)[:62]}}, []string{old}, body, heygenhook.ErrUnsigned},
		{"six minutes old", http.Header{"Signature": {signed(body, old)}, "Heygen-Timestamp": {at(-6 * time.Minute)}}, []string{old}, body, heygenhook.ErrStale},
		{"of the future", http.Header{"Signature": {signed(body, old)}, "Heygen-Timestamp": {at(6 * time.Minute)}}, []string{old}, body, heygenhook.ErrStale},
		{"of a time that is none", http.Header{"Signature": {signed(body, old)}, "Heygen-Timestamp": {"yesterday"}}, []string{old}, body, heygenhook.ErrStale},
		{"of a time beyond all", http.Header{"Signature": {signed(body, old)}, "Heygen-Timestamp": {"-9223372036854775808"}}, []string{old}, body, heygenhook.ErrStale},
		{"of another secret", http.Header{"Signature": {signed(body, "x")}}, []string{old, current}, body, heygenhook.ErrForged},
		{"of another body", http.Header{"Signature": {signed(body, old)}}, []string{old}, strings.Replace(body, "x", "y", 1), heygenhook.ErrForged},
		{"where no secret is known", http.Header{"Signature": {signed(body, old)}}, nil, body, heygenhook.ErrForged},
		{"of the empty secret", http.Header{"Signature": {signed(body, "")}}, []string{""}, body, heygenhook.ErrForged},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stamp, err := heygenhook.ReadStamp(c.header, now)
			if err == nil {
				err = heygenhook.NewKeyring(loading(c.secrets...)).Verify(t.Context(), stamp, []byte(c.body))
			}
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
