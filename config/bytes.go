package config

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// Bytes is a size, written as people do: 4GiB, 500MB or 1048576.
type Bytes int64

// UnmarshalText reads such a size.
func (b *Bytes) UnmarshalText(text []byte) error {
	n, err := humanize.ParseBytes(string(text))
	if err != nil {
		return err
	}
	if n > math.MaxInt64 {
		return fmt.Errorf("%d bytes are too many", n)
	}
	*b = Bytes(n)
	return nil
}

// String returns the size with a binary unit, rounded.
func (b Bytes) String() string { return humanize.IBytes(uint64(max(b, 0))) }
