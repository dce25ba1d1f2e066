package heygen

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// DefaultRetryAfter is what a 429 without a readable Retry-After asks for.
const DefaultRetryAfter = 30 * time.Second

// What a Retry-After is clamped to: zero would be a hot loop, and a slip of a
// unit (milliseconds, a date in the next century) would be a standstill.
const (
	minRetryAfter = time.Second
	maxRetryAfter = time.Hour
)

// retryAfter returns how long the answer asks to wait: DefaultRetryAfter for a
// 429 that does not say, 0 for other answers that do not say. A date is compared
// with the answer's own Date, and not with our clock.
func retryAfter(resp *http.Response) time.Duration {
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	if wait, ok := parseRetryAfter(resp.Header.Get("Retry-After"), now); ok {
		return wait
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return DefaultRetryAfter
	}
	return 0
}

// parseRetryAfter reads whole seconds or an HTTP date, clamped to a second and
// an hour.
func parseRetryAfter(value string, now time.Time) (wait time.Duration, ok bool) {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		seconds = min(seconds, uint64(maxRetryAfter/time.Second))
		return max(time.Duration(seconds)*time.Second, minRetryAfter), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), minRetryAfter), maxRetryAfter), true
}
