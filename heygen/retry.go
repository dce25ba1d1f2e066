package heygen

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	readTries     = 3 // requests a read may cost
	readPauseMin  = 200 * time.Millisecond
	readPauseMax  = 2 * time.Second // longer waits are the caller's: its row has a due time
	shortRetryGap = 2 * time.Second // a 429 that asks for more is handed up
)

// retry repeats reads that met a closed connection, a 5xx or a short 429.
// Everything else passes once: whether a create may be repeated is not for a
// transport to decide. Nothing is repeated that mayRepeat has an error for: a
// probe is one request.
type retry struct {
	next  http.RoundTripper
	reads http.RoundTripper
}

func newRetry(next http.RoundTripper, mayRepeat func() error) *retry {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: next, CheckRedirect: noRedirect}
	client.Logger = nil
	client.RetryMax = readTries - 1
	client.RetryWaitMin, client.RetryWaitMax = readPauseMin, readPauseMax
	client.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		again, err := worthRepeating(ctx, resp, err)
		return again && mayRepeat() == nil, err
	}
	client.PrepareRetry = func(*http.Request) error { return mayRepeat() } // after the pause
	client.Backoff = pause
	client.ErrorHandler = lastAnswer
	return &retry{next: next, reads: &retryablehttp.RoundTripper{Client: client}}
}

func (r *retry) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return r.next.RoundTrip(req)
	}
	return r.reads.RoundTrip(req)
}

// worthRepeating is the retry policy of reads.
func worthRepeating(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
		return !untrusted && !errors.Is(err, ErrNotSent), nil
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return retryAfter(resp) <= shortRetryGap, nil
	}
	return resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented, nil
}

// pause doubles from shortest to longest, with up to half of it as jitter, and
// keeps to a Retry-After that came along.
func pause(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil && resp.StatusCode == http.StatusTooManyRequests {
		return retryAfter(resp)
	}
	wait := min(shortest<<attempt, longest)
	return wait/2 + rand.N(wait/2+1)
}

// lastAnswer hands the last 5xx up as it is: its status is worth more than
// "giving up". With an error there is no answer, as a RoundTripper owes it.
func lastAnswer(resp *http.Response, err error, _ int) (*http.Response, error) {
	if err == nil {
		return resp, nil
	}
	if resp != nil {
		_ = resp.Body.Close()
	}
	return nil, err
}
