package media

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"strings"
)

// ErrCorrupted says that what came is not what the host's own checksum promised.
var ErrCorrupted = errors.New("the file is corrupted")

// declared are the checksums that a host gives of a whole file. At most one is
// set: MD5 only counts if there is no SHA-256.
type declared struct {
	SHA256 []byte
	MD5    []byte
}

// declaredIn reads the head of a 200. A checksum in a form that we do not know,
// such as S3's of a file uploaded in parts, is as good as none.
func declaredIn(h http.Header) declared {
	for _, sum := range []string{
		h.Get("X-Amz-Checksum-Sha256"),
		digest(h.Values("Repr-Digest")), // RFC 9530
		digest(h.Values("Digest")),      // RFC 3230, its forerunner
	} {
		if want := decodeSum(sum, sha256.Size); want != nil {
			return declared{SHA256: want}
		}
	}
	if want := decodeSum(h.Get("Content-MD5"), md5.Size); want != nil {
		return declared{MD5: want}
	}
	// S3 documents the ETag as the MD5 under this encryption, and under no other.
	if h.Get("X-Amz-Server-Side-Encryption") == "AES256" {
		want, err := hex.DecodeString(strings.Trim(h.Get("ETag"), `"`))
		if err == nil && len(want) == md5.Size {
			return declared{MD5: want}
		}
	}
	return declared{}
}

// digest returns the SHA-256 in a list such as `sha-256=:…:, sha-512=:…:`.
func digest(fields []string) string {
	for member := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		algorithm, sum, _ := strings.Cut(strings.TrimSpace(member), "=")
		if strings.EqualFold(algorithm, "sha-256") {
			return strings.Trim(sum, ":")
		}
	}
	return ""
}

// decodeSum returns nil if the text is no base64 of that size.
func decodeSum(text string, size int) []byte {
	sum, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(sum) != size {
		return nil
	}
	return sum
}

// sums hashes a file as it passes: by SHA-256 always, by MD5 if the host
// promised one.
type sums struct {
	sha256 hash.Hash
	md5    hash.Hash // nil: not needed
}

func newSums(d declared) sums {
	s := sums{sha256: sha256.New()}
	if d.MD5 != nil {
		s.md5 = md5.New()
	}
	return s
}

func (s sums) add(p []byte) {
	_, _ = s.sha256.Write(p)
	if s.md5 != nil {
		_, _ = s.md5.Write(p)
	}
}

// check compares with what was promised.
func (s sums) check(d declared) error {
	if got := s.sha256.Sum(nil); d.SHA256 != nil && string(got) != string(d.SHA256) {
		return fmt.Errorf("%w: its SHA-256 is %x, and the host promised %x", ErrCorrupted, got, d.SHA256)
	}
	if d.MD5 == nil {
		return nil
	}
	if got := s.md5.Sum(nil); string(got) != string(d.MD5) {
		return fmt.Errorf("%w: its MD5 is %x, and the host promised %x", ErrCorrupted, got, d.MD5)
	}
	return nil
}
