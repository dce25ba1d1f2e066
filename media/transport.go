package media

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"heyq/internal/netguard"
)

// ErrLinkRefused says that a link leads to an address that is not public.
var ErrLinkRefused = errors.New("the link is refused")

// newClient returns the downloads' HTTP client, with wrap around its transport.
func newClient(private func(host string) bool, wrap func(http.RoundTripper) http.RoundTripper) *http.Client {
	if private == nil {
		private = func(string) bool { return false }
	}
	var transport http.RoundTripper = &route{any: anyTransport(), public: netguard.Transport(forFiles), private: private}
	if wrap != nil {
		transport = wrap(transport)
	}
	return &http.Client{Transport: transport, CheckRedirect: checkRedirect}
}

// route decides where a download may go. What a link or a redirect names is a
// stranger's word, and may be an address of the network that heyq runs in: only
// public ones are connected to (package netguard says what holds behind a proxy). A link
// to a private host may stay there.
type route struct {
	any, public http.RoundTripper
	private     func(host string) bool
}

func (r *route) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Response != nil { // the redirect that led here
		return r.public.RoundTrip(req)
	}
	if r.private(req.URL.Host) {
		return r.any.RoundTrip(req)
	}
	resp, err := r.public.RoundTrip(req)
	if errors.Is(err, netguard.ErrNotPublic) {
		err = fmt.Errorf("%w: %w", ErrLinkRefused, err)
	}
	return resp, err
}

// anyTransport connects to whatever a link names, or to a proxy.
func anyTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true}
	forFiles(t)
	return t
}

// forFiles is for many files from few hosts.
func forFiles(t *http.Transport) {
	t.TLSHandshakeTimeout = 5 * time.Second
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.IdleConnTimeout = 512, 256, 90*time.Second
	t.DisableCompression = true
}
