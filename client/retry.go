package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// How a call is repeated, unless WithRetries says otherwise.
const (
	defaultRetries = 3
	defaultWithin  = 30 * time.Second
	firstWait      = 200 * time.Millisecond
	longestWait    = 5 * time.Second
)

// mostRead is how long an answer may be that is no file.
const mostRead = 256 << 20

// Option changes a client.
type Option func(*Client)

// WithRetries has what is safe to repeat be repeated up to retries times, as long as the
// last try begins within a time after the first one. No retries: each call is one
// request. Without the option there are 3 within 30 s.
func WithRetries(retries int, within time.Duration) Option {
	return func(c *Client) { c.retries, c.within = retries, within }
}

// repeatable says whether a request may be sent twice. Its method changes nothing or the
// same again, or heyq knows the request by its key.
func (r request) repeatable() bool {
	switch r.method {
	case http.MethodGet, http.MethodPut, http.MethodDelete:
		return !r.once
	}
	return r.key != ""
}

// do sends req, and again if r may be repeated. It returns the last answer, and how often
// req was sent.
func (c *Client) do(req *retryablehttp.Request, r request) (answer *http.Response, tries int, err error) {
	var pause time.Duration // before the next try
	began := time.Now()
	sender := &retryablehttp.Client{
		HTTPClient: c.http, RetryMax: c.retries, ErrorHandler: lastAnswer,
		Backoff: func(time.Duration, time.Duration, int, *http.Response) time.Duration { return pause },
		CheckRetry: func(ctx context.Context, answer *http.Response, err error) (bool, error) {
			tries++
			pause = pauseAfter(tries, answer)
			end, ends := ctx.Deadline()
			switch {
			case !r.repeatable() || !worthRepeating(ctx, answer, err):
				return false, nil
			case pause < 0 || time.Since(began)+pause > c.within:
				return false, nil
			case ends && time.Until(end) < pause: // what the answer says is worth more than that ctx ended
				return false, nil
			}
			return true, nil
		},
	}
	if r.stream {
		sender.HTTPClient = c.streams
	}
	answer, err = sender.Do(req)
	return answer, tries, err
}

// worthRepeating says whether another try may fare better: after a connection that
// failed, and after an answer that says so.
func worthRepeating(ctx context.Context, answer *http.Response, err error) bool {
	if err != nil {
		again, _ := retryablehttp.DefaultRetryPolicy(ctx, nil, err) // not if a certificate is not trusted
		return again
	}
	return answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusServiceUnavailable
}

// pauseAfter is how long to wait after a number of failures: what the answer asks for, or
// else twice as long as before, and a part of that by chance, so that many clients do not
// come back at once.
func pauseAfter(failures int, answer *http.Response) time.Duration {
	pause := retryablehttp.DefaultBackoff(firstWait, longestWait, failures-1, answer)
	if answer == nil || answer.Header.Get("Retry-After") == "" {
		pause = pause/2 + rand.N(pause/2)
	}
	return pause
}

// lastAnswer hands the last refusal up as it is: it says more than "giving up".
func lastAnswer(answer *http.Response, err error, _ int) (*http.Response, error) {
	if err == nil {
		return answer, nil
	}
	if answer != nil {
		_ = answer.Body.Close()
	}
	return nil, err
}

// whole reads each answer to its end before it hands the answer on. One that breaks off
// is an error of its try, as if nothing had been answered.
type whole struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (w whole) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostRead+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > mostRead {
		return nil, fmt.Errorf("the answer has more than %d bytes", mostRead)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}
