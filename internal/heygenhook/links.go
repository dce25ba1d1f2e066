package heygenhook

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"github.com/google/uuid"
)

// Path is where deliveries arrive: signed ones here, those of one video at
// Path/{video}/{token}.
const Path = "/webhooks/heygen"

// Links makes and checks the addresses that HeyGen calls back at. HeyGen does
// not sign what it sends to the address of one video. So the address carries a
// token that only heyq can make.
type Links struct {
	base string
	key  []byte
}

// NewLinks returns the links below publicURL, the address at which HeyGen
// reaches this heyq. An empty publicURL says that HeyGen does not reach it.
// Every process that has the same API key makes the same tokens. The key cannot
// be computed from a token.
func NewLinks(publicURL, apiKey string) (*Links, error) {
	key, err := hkdf.Key(sha256.New, []byte(apiKey), nil, "heyq callback_url 1", sha256.Size)
	return &Links{base: publicURL, key: key}, err
}

// Endpoint is the address to register; empty if HeyGen does not reach us.
func (l *Links) Endpoint() string {
	if l.base == "" {
		return ""
	}
	return l.base + Path
}

// Of returns the address that HeyGen calls when the video has ended; empty if HeyGen cannot
// reach this heyq.
func (l *Links) Of(video uuid.UUID) string {
	if l.base == "" {
		return ""
	}
	return l.base + Path + "/" + video.String() + "/" + hex.EncodeToString(l.token(video))
}

// Valid reports whether token is that of video. It compares in constant time.
func (l *Links) Valid(video uuid.UUID, token string) bool {
	got, err := hex.DecodeString(token)
	return err == nil && hmac.Equal(got, l.token(video))
}

func (l *Links) token(video uuid.UUID) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(video[:])
	return mac.Sum(nil)
}
