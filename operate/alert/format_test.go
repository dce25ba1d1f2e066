package alert

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                             "0s",
		1234 * time.Microsecond:       "1ms",
		1249 * time.Millisecond:       "1.2s",
		59400 * time.Millisecond:      "59s",
		12 * time.Minute:              "12m",
		12*time.Minute + 10e9:         "12m10s",
		3 * time.Hour:                 "3h",
		3*time.Hour + 20*time.Minute:  "3h20m",
		30*time.Hour + 31*time.Second: "30h1m",
		50 * time.Hour:                "2 days",
	} {
		if got := span(d); got != want {
			t.Errorf("%d: got %s, want %s", d, got, want)
		}
	}
}
