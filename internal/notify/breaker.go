package notify

import (
	"errors"
	"net/http"
	"strings"

	"heyq/internal/netguard"
	"heyq/internal/policy"
)

// breaker keeps posts from receivers that are down, each for itself. What it
// refuses is an Answer with a policy.Refusal.
type breaker struct {
	next  http.RoundTripper
	hosts *policy.Hosts
}

// RoundTrip implements http.RoundTripper.
func (b *breaker) RoundTrip(req *http.Request) (*http.Response, error) {
	done, err := b.hosts.Of(strings.ToLower(req.URL.Host)).Allow(req.Context())
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	resp, err := b.next.RoundTrip(req)
	if errors.Is(err, netguard.ErrNotPublic) { // it was not called, and will not be
		done(policy.ErrInconclusive)
	} else {
		done(policy.Judge(resp, err))
	}
	return resp, err
}
