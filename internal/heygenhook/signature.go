package heygenhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Why a delivery is not HeyGen's, or not of now.
var (
	ErrUnsigned = errors.New("there is no signature")
	ErrForged   = errors.New("the signature fits no secret")
	ErrStale    = errors.New("the timestamp is not of now")
)

// window is how far a delivery's timestamp may be from our clock, either way.
const window = 5 * time.Minute

// signatureHeaders are the names that HeyGen is known to use: one by its
// documents, the other one in the wild.
var signatureHeaders = []string{"Heygen-Signature", "Signature"}

// Stamp holds the signatures of a delivery, from its headers.
type Stamp struct{ signatures [][]byte }

// ReadStamp reads the headers alone, so that a delivery without a signature
// (ErrUnsigned) or with a timestamp that is not of now (ErrStale) is refused
// before its body is read. The timestamp may be absent. The signature does not
// cover it, so it keeps out real deliveries that come late, but no forged ones.
func ReadStamp(header http.Header, now time.Time) (Stamp, error) {
	var s Stamp
	for _, name := range signatureHeaders {
		for _, value := range header.Values(name) {
			if sum, err := hex.DecodeString(value); err == nil && len(sum) == sha256.Size {
				s.signatures = append(s.signatures, sum)
			}
		}
	}
	if len(s.signatures) == 0 {
		return Stamp{}, ErrUnsigned
	}
	if at := header.Get("Heygen-Timestamp"); at != "" && !current(at, now) {
		return Stamp{}, ErrStale
	}
	return s, nil
}

func current(unix string, now time.Time) bool {
	seconds, err := strconv.ParseInt(unix, 10, 64)
	if err != nil {
		return false
	}
	return now.Sub(time.Unix(seconds, 0)).Abs() <= window
}

// fits reports whether a signature is the body's under any of the secrets. It
// compares in constant time. An empty secret is none: a stranger knows it, too.
func (s Stamp) fits(body []byte, secrets []string) bool {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		want := Sign(body, secret)
		for _, got := range s.signatures {
			if hmac.Equal(got, want) {
				return true
			}
		}
	}
	return false
}

// Sign returns the HMAC-SHA256 of body under secret.
func Sign(body []byte, secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}
