package stats

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Transport counts the requests that pass it on their way to next, each under
// name, until the head of its answer. A request that its caller gave up is not
// counted. failed says which statuses are failures and not answers.
func (r *Recorder) Transport(next http.RoundTripper, name string, failed func(status int) bool) http.RoundTripper {
	return &transport{next: next, name: name, failed: failed, recorder: r}
}

type transport struct {
	next     http.RoundTripper
	name     string
	failed   func(status int) bool
	recorder *Recorder
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	status := 0
	if resp != nil {
		status = resp.StatusCode
	}
	t.recorder.RecordHTTP(t.name, status, err, time.Since(start), t.failed)
	return resp, err
}

// RecordHTTP counts a request that was answered with status, or was not, because
// of err.
func (r *Recorder) RecordHTTP(name string, status int, err error, took time.Duration, failed func(status int) bool) {
	switch {
	case errors.Is(err, context.Canceled):
		return
	case err == nil && failed(status):
		err = fmt.Errorf("it answered %d %s", status, http.StatusText(status))
	}
	r.Record(HTTPRequest, name, err, took)
}

// Unserved is true for an answer that serves no caller: the server failed, is
// too busy, or refuses the caller as such. That it refuses a request, or knows
// no such thing, is an answer.
func Unserved(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return true
	}
	return Overloaded(status)
}

// Overloaded is true for an answer of a server that fails, or is too busy.
func Overloaded(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// Refused is true for every answer that is not a good one.
func Refused(status int) bool { return status >= http.StatusBadRequest }
