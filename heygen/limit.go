package heygen

import (
	"fmt"
	"net/http"
	"time"

	"heyq/internal/policy"
)

// defaultPatience is how long a request waits for the rate limit.
const defaultPatience = 5 * time.Second

// limit keeps requests to the rate limit. One that would have to wait longer than
// patience is not sent: what it is for must not lose its lease meanwhile. A read
// that HeyGen finds to be too much slows what follows, in all processes; creates
// have admission for that.
type limit struct {
	next     http.RoundTripper
	limiter  *policy.Limiter
	patience time.Duration
}

func (l *limit) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := l.limiter.Wait(req.Context(), l.patience); err != nil {
		closeBody(req)
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	resp, err := l.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests && req.Method == http.MethodGet {
		l.limiter.Slow(req.Context())
	}
	return resp, err
}
