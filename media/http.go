package media

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

var errRedirect = errors.New("redirect refused")

// client returns the downloads' HTTP client: the caller's or our own, with our
// redirect rule unless the caller has one.
func client(given *http.Client) *http.Client {
	c := http.Client{Transport: transport()}
	if given != nil {
		c = *given
	}
	if c.CheckRedirect == nil {
		c.CheckRedirect = checkRedirect
	}
	return &c
}

func transport() *http.Transport {
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

// checkRedirect lets a host send us to itself or to a public address. A link
// must not become a way into the network that heyq runs in.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case len(via) >= 5:
		return fmt.Errorf("%w: too many", errRedirect)
	case first.Scheme == "https" && req.URL.Scheme != "https":
		return fmt.Errorf("%w: from https to %s", errRedirect, req.URL.Scheme)
	case req.URL.Hostname() == first.Hostname():
		return nil
	}
	return public(req.Context(), req.URL.Hostname())
}

func public(ctx context.Context, host string) error {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	for _, addr := range addrs {
		if !isPublic(addr.Unmap()) {
			return fmt.Errorf("%w: %s is a private address", errRedirect, host)
		}
	}
	return nil
}

// sharedSpace is carrier-grade NAT, where cloud providers keep internal services.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

func isPublic(addr netip.Addr) bool {
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !sharedSpace.Contains(addr)
}
