package heygentest

import (
	"crypto/sha256"
	"encoding/base64"
	"hash"
)

// checksumHeader is where the object store says the SHA-256 of a whole file,
// in base64, whatever part of it is sent.
const checksumHeader = "X-Amz-Checksum-Sha256"

// clipHash has read the clip, so that a movie costs only its tail.
var clipHash = func() hash.Cloner {
	h := sha256.New().(hash.Cloner)
	h.Write(clip)
	return h
}()

// movieSum is the SHA-256 of the clip with a tail.
func movieSum(tail []byte) [sha256.Size]byte {
	h, err := clipHash.Clone()
	if err != nil { // a hash that cannot be cloned reads it all
		return sha256.Sum256(append(append([]byte{}, clip...), tail...))
	}
	h.Write(tail)
	return [sha256.Size]byte(h.Sum(nil))
}

func base64Sum(sum [sha256.Size]byte) string { return base64.StdEncoding.EncodeToString(sum[:]) }
