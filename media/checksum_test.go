package media_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"testing"
	"time"

	"heyq/media"
)

func TestFetch_compares_with_the_declared_checksum(t *testing.T) {
	t.Parallel()
	data := content(200_000)
	flipped := bytes.Clone(data)
	flipped[150_000] ^= 4
	sum, old := sha256.Sum256(data), md5.Sum(data)
	sha, wrongSHA := base64.StdEncoding.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(make([]byte, 32))
	mdSum := base64.StdEncoding.EncodeToString(old[:])
	tag := `"` + hex.EncodeToString(old[:]) + `"`
	for _, c := range []struct {
		name     string
		head     map[string]string
		detected bool // whether a flipped bit is
	}{
		{"none", nil, false},
		{"S3", map[string]string{"x-amz-checksum-sha256": sha}, true},
		{"S3, of an upload in parts", map[string]string{"x-amz-checksum-sha256": wrongSHA + "-3"}, false},
		{"RFC 9530", map[string]string{"Repr-Digest": "sha-512=:AAAA:, sha-256=:" + sha + ":"}, true},
		{"RFC 3230", map[string]string{"Digest": "SHA-256=" + sha + ",md5=AAAA"}, true},
		{"another digest", map[string]string{"Repr-Digest": "sha-512=:AAAA:"}, false},
		{"Content-MD5", map[string]string{"Content-MD5": mdSum}, true},
		{"an MD5 beside a SHA-256", map[string]string{"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA==", "x-amz-checksum-sha256": sha}, true},
		{"an ETag that is an MD5", map[string]string{"ETag": tag, "x-amz-server-side-encryption": "AES256"}, true},
		{"an ETag that only looks like one", map[string]string{"ETag": `"00112233445566778899aabbccddeeff"`}, false},
		{"an ETag of parts", map[string]string{"ETag": `"00112233445566778899aabbccddeeff-2"`, "x-amz-server-side-encryption": "AES256"}, false},
		{"an ETag under a key", map[string]string{"ETag": `"00112233445566778899aabbccddeeff"`, "x-amz-server-side-encryption": "aws:kms"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, o := newLibrary(t)
			head := func(w http.ResponseWriter) {
				for key, value := range c.head {
					w.Header().Set(key, value)
				}
			}
			whole, _ := host(t, func(n int, w http.ResponseWriter, r *http.Request) {
				head(w)
				if n == 1 {
					cut(w, data, 100_000) // the checksum is of the whole file, not of what follows
				}
				http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
			})
			got, err := l.Fetch(t.Context(), media.Source{URL: whole})
			if err != nil || got.SHA256 != hexSum(data) {
				t.Fatalf("the right file: %+v, %v", got, err)
			}
			if err := got.Remove(); err != nil {
				t.Fatal(err)
			}

			broken, requests := host(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
				head(w)
				_, _ = w.Write(flipped)
			})
			got, err = l.Fetch(t.Context(), media.Source{URL: broken})
			if c.detected != errors.Is(err, media.ErrCorrupted) || c.detected != (err != nil) {
				t.Fatalf("a flipped bit: %+v, %v", got, err)
			}
			if left := filesIn(t, o.Spool); c.detected && (requests.Load() != 1 || len(left) > 0) {
				t.Errorf("%d requests, left in the spool: %v", requests.Load(), left)
			}
		})
	}
}
