// Package filelink makes and checks links to files that work without a key. A link is
// signed, and for one file of one video until one time.
package filelink

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Path is below what links lead to: Path/{video}/{file}/{expires}/{signature}.
const Path = "/v1/links"

// Links makes and checks links. A nil Links makes none, and none is valid. It is safe for
// concurrent use.
type Links struct {
	base string
	key  []byte
}

// New returns the links below publicURL, where others reach this heyq; empty: nowhere,
// and no links are made. Every process that has the same secret makes the same links.
// The secret cannot be computed from one.
func New(publicURL, secret string) (*Links, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "heyq file links 1", sha256.Size)
	return &Links{base: publicURL, key: key}, err
}

// Of is the link to a file of a video until a time, in whole seconds; empty if no links
// are made.
func (l *Links) Of(video uuid.UUID, file string, until time.Time) string {
	if l == nil || l.base == "" {
		return ""
	}
	expires := until.Unix()
	return l.base + Path + "/" + video.String() + "/" + file + "/" + strconv.FormatInt(expires, 10) + "/" + hex.EncodeToString(l.sign(video, file, expires))
}

// Valid reports whether a signature is that of the other parts of a link, which has not
// expired. It compares in constant time.
func (l *Links) Valid(video uuid.UUID, file, expires, signature string, now time.Time) bool {
	if l == nil {
		return false
	}
	until, err := strconv.ParseInt(expires, 10, 64)
	got, wrong := hex.DecodeString(signature)
	return err == nil && wrong == nil && hmac.Equal(got, l.sign(video, file, until)) && now.Unix() < until
}

func (l *Links) sign(video uuid.UUID, file string, expires int64) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(video[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(expires)))
	mac.Write([]byte(file))
	return mac.Sum(nil)
}
