package media

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"heyq/internal/public"
)

// ErrRedirectRefused says that the host sent the download where it may not go: to
// an address that is not public, from https to http, or round in circles.
var ErrRedirectRefused = errors.New("the redirect is refused")

const maxRedirects = 5

// newClient returns the downloads' HTTP client, with wrap around its transport.
func newClient(wrap func(http.RoundTripper) http.RoundTripper) *http.Client {
	redirected := public.Transport()
	redirected.DisableCompression = true
	var transport http.RoundTripper = &route{first: firstTransport(), redirected: redirected}
	if wrap != nil {
		transport = wrap(transport)
	}
	return &http.Client{Transport: transport, CheckRedirect: checkRedirect}
}

// route tells the link that a download was given from where its host sends it
// on. The link is HeyGen's own answer and may be private; what a stranger's host
// redirects to may not, or a link would be a way into the network that heyq runs
// in.
type route struct{ first, redirected http.RoundTripper }

func (r *route) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Response != nil { // the redirect that led here
		return r.redirected.RoundTrip(req)
	}
	return r.first.RoundTrip(req)
}

// firstTransport is for many files from few hosts.
func firstTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        512,
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true,
	}
}

// checkRedirect looks at the redirect itself; its address is checked when it is
// dialed.
func checkRedirect(req *http.Request, via []*http.Request) error {
	scheme := req.URL.Scheme
	switch {
	case len(via) >= maxRedirects:
		return fmt.Errorf("%w: it is the %dth", ErrRedirectRefused, len(via))
	case scheme != "https" && (scheme != "http" || via[0].URL.Scheme == "https"):
		return fmt.Errorf("%w: from %s to %.10q", ErrRedirectRefused, via[0].URL.Scheme, scheme)
	}
	return nil
}
