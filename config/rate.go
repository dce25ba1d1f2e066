package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Rate is how often something may be done. Written as a number it is so many a
// second, and as many at once after a quiet second. Written as 10/60s it is at most
// 10 in any 60 s: they are spread evenly, since what is done at once and what
// comes after it would be more together.
type Rate struct {
	PerSecond float64 // 0: no limit
	AtOnce    int
}

// UnmarshalText reads 10, 0.5, 10/60s or 10/m.
func (r *Rate) UnmarshalText(text []byte) error {
	number, span, spread := strings.Cut(string(text), "/")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return err
	}
	per := time.Second
	if spread {
		if span != "" && strings.Contains("smh", span[:1]) {
			span = "1" + span
		}
		if per, err = time.ParseDuration(span); err != nil {
			return err
		}
		if per <= 0 {
			return errors.New("the span is not above zero")
		}
	}
	*r = Rate{n / per.Seconds(), 1}
	if !(r.PerSecond >= 0 && r.PerSecond <= 1e6) {
		return errors.New("the number is out of range")
	}
	if !spread {
		r.AtOnce = max(1, int(math.Ceil(n)))
	}
	return nil
}
