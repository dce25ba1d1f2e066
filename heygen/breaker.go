package heygen

import (
	"errors"
	"fmt"
	"net/http"

	"heyq/internal/policy"
)

// breaker keeps calls from a HeyGen that is down. A read and its repetitions are
// one call to it.
type breaker struct {
	next    http.RoundTripper
	breaker *policy.Breaker
	wire    http.RoundTripper
}

func (b *breaker) RoundTrip(req *http.Request) (*http.Response, error) {
	done, err := b.breaker.Allow(req.Context())
	if err != nil {
		closeBody(req)
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	if b.breaker.Check() != nil {
		// This is the probe. net/http sends a read again, on its own, if a reused
		// connection turns out to be dead, and all of ours may be.
		b.closeIdle()
	}
	resp, err := b.next.RoundTrip(req)
	if errors.Is(err, ErrNotSent) {
		done(policy.ErrInconclusive)
	} else {
		done(policy.Judge(resp, err))
	}
	return resp, err
}

func (b *breaker) closeIdle() {
	if wire, ok := b.wire.(interface{ CloseIdleConnections() }); ok {
		wire.CloseIdleConnections()
	}
}

// closeBody closes the body of a request that goes no further, which a
// RoundTripper owes on every path.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
