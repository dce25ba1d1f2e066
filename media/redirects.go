package media

import (
	"errors"
	"fmt"
	"net/http"
)

// ErrRedirectRefused says that the host sent the download where it may not go: to
// an address that is not public, from https to http, or round in circles.
var ErrRedirectRefused = errors.New("the redirect is refused")

const maxRedirects = 5

// checkRedirect checks the redirect itself; its address is checked when it is
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
