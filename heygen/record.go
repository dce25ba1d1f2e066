package heygen

import (
	"net/http"
	"time"
)

// record reports each request that reaches the wire.
type record struct {
	next http.RoundTripper
	hook func(call string, status int, err error, took time.Duration)
}

func (r *record) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.hook == nil {
		return r.next.RoundTrip(req)
	}
	start := time.Now()
	resp, err := r.next.RoundTrip(req)
	status := 0
	if resp != nil {
		status = resp.StatusCode
	}
	r.hook(callOf(req.Context()).name, status, err, time.Since(start))
	return resp, err
}
