package heygen

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"time"

	"heyq/internal/policy"
)

// shortRetryGap is what a 429 may ask for to be repeated. One that asks for more is
// handed up: longer waits are the caller's, whose row has a due time.
const shortRetryGap = 2 * time.Second

// mostDrained is how much of an answer is read that is not wanted, for the sake of
// its connection.
const mostDrained = 4 << 10

// retry repeats reads that met a closed connection, a 5xx or a short 429.
// Everything else passes once: whether a create may be repeated is not for a
// transport to decide. Nothing is repeated unless the breaker is closed: a probe
// is one request.
type retry struct {
	next    http.RoundTripper
	retry   *policy.Retry
	breaker *policy.Breaker
}

func (r *retry) RoundTrip(req *http.Request) (*http.Response, error) {
	for failure := 0; ; failure++ {
		resp, err := r.next.RoundTrip(req)
		if req.Method != http.MethodGet || failure+1 >= r.retry.Tries() || !worthRepeating(req.Context(), resp, err) || r.breaker.Check() != nil {
			return resp, err
		}
		if err := wait(req.Context(), r.pause(failure, resp)); err != nil {
			return nil, err
		}
		if err := r.breaker.Check(); err != nil {
			return nil, err
		}
		r.retry.Again()
	}
}

// pause is how long to wait after a failure. It gives the connection of its answer
// back, if there is one.
func (r *retry) pause(failure int, resp *http.Response) time.Duration {
	if resp == nil {
		return r.retry.Pause(failure)
	}
	_, _ = io.CopyN(io.Discard, resp.Body, mostDrained)
	_ = resp.Body.Close()
	if resp.StatusCode == http.StatusTooManyRequests {
		return retryAfter(resp)
	}
	return r.retry.Pause(failure)
}

func wait(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

// worthRepeating is the retry policy of reads.
func worthRepeating(ctx context.Context, resp *http.Response, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
		return !untrusted && !errors.Is(err, ErrNotSent)
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return retryAfter(resp) <= shortRetryGap
	}
	return resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented
}
