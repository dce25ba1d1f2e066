package heygen

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"heyq/internal/policy"
)

// breaker keeps calls from a HeyGen that is down. A read and its repetitions are
// one call to it.
type breaker struct {
	next http.RoundTripper
	ask  func(context.Context) (policy.Done, error)
}

func (b *breaker) RoundTrip(req *http.Request) (*http.Response, error) {
	done, err := b.ask(req.Context())
	if err != nil {
		closeBody(req)
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	resp, err := b.next.RoundTrip(req)
	if errors.Is(err, ErrNotSent) {
		done(policy.ErrInconclusive)
	} else {
		done(policy.Judge(resp, err))
	}
	return resp, err
}

// closeBody closes the body of a request that goes no further, which a
// RoundTripper owes on every path.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
