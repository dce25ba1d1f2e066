package config

import (
	"fmt"
	"time"
)

// Offset is a duration that may be negative or zero.
type Offset time.Duration

// UnmarshalText reads a duration such as 5m or -5m.
func (o *Offset) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is no duration", text)
	}
	*o = Offset(d)
	return nil
}

// Now is the wall clock, moved by the offset. It has no monotonic reading: what
// is measured with it sees every jump of the clock.
func (o Offset) Now() time.Time { return time.Now().Round(0).Add(time.Duration(o)) }
