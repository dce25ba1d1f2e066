package heygen

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// shortRetryGap is what a 429 may ask for to be repeated. One that asks for more is
// handed up: longer waits are the caller's, whose row has a due time.
const shortRetryGap = 2 * time.Second

// retry repeats a GET that met a broken connection, a 5xx other than 501, or a
// 429 that asks for a wait of shortRetryGap at most. Every other request is sent
// once: whether a create may be repeated is not for a transport to decide.
// Nothing is repeated unless the breaker is closed: a probe is one request.
type retry struct {
	next  http.RoundTripper
	reads http.RoundTripper
}

func newRetry(next http.RoundTripper, o Options) *retry {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: next, CheckRedirect: noRedirect}
	client.Logger = nil
	client.RetryMax = o.Retry.Tries() - 1
	client.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		again, err := worthRepeating(ctx, resp, err)
		return again && o.Breaker.Check() == nil, err
	}
	client.PrepareRetry = func(*http.Request) error { // after the pause
		if err := o.Breaker.Check(); err != nil {
			return err
		}
		o.Retry.Again()
		return nil
	}
	client.Backoff = func(_, _ time.Duration, failure int, resp *http.Response) time.Duration {
		if resp != nil && resp.StatusCode == http.StatusTooManyRequests {
			return retryAfter(resp)
		}
		return o.Retry.Pause(failure)
	}
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

// lastAnswer hands the last 5xx up as it is: its status is worth more than "giving up".
// If there is an error it returns no answer, as a RoundTripper must.
func lastAnswer(resp *http.Response, err error, _ int) (*http.Response, error) {
	if err == nil {
		return resp, nil
	}
	if resp != nil {
		_ = resp.Body.Close()
	}
	return nil, err
}
