package simulator

import (
	"crypto/sha256"
	"encoding/base64"
)

// checksumHeader is where the object store says the SHA-256 of a whole file,
// in base64, whatever part of it is sent.
const checksumHeader = "X-Amz-Checksum-Sha256"

func base64Sum(sum [sha256.Size]byte) string { return base64.StdEncoding.EncodeToString(sum[:]) }
