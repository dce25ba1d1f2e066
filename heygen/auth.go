package heygen

import "net/http"

// auth adds the API key to a copy of the request: a RoundTripper may not change
// its caller's request, and the copy is gone when the call is.
type auth struct {
	next http.RoundTripper
	key  string
}

func (a *auth) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Api-Key", a.key)
	return a.next.RoundTrip(req)
}
