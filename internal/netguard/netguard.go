// Package netguard keeps outgoing connections off addresses that no stranger may
// make heyq talk to: loopback, private networks, link-local (and with it the
// metadata services of clouds), and everything else that is not on the open
// internet.
//
// The check is made at dial time, on the address that is really connected to:
// after DNS, on every attempt and every redirect. A name that resolves to
// something else a moment later gains nothing.
package netguard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrNotPublic is in the chain of every refusal.
var ErrNotPublic = errors.New("not a public address")

// global is what IPv6 has of the open internet. All else is private, deprecated
// (site-local, IPv4-compatible), translated (NAT64) or not assigned.
var global = netip.MustParsePrefix("2000::/3")

// special are the blocks that netip does not name: shared (CGNAT), protocol
// assignments, documentation, benchmarking, reserved, and 6to4, through which an
// IPv4 address can be reached by another name. 168.63.129.16 is Azure's own host,
// on every machine there.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("168.63.129.16/32"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"),
}

// Address reports whether addr is on the open internet.
func Address(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.Is6() && !global.Contains(addr) {
		return false
	}
	for _, block := range special {
		if block.Contains(addr) {
			return false
		}
	}
	return true
}

// Transport returns an HTTP transport of its own that connects to public addresses only.
// tune may change how it works, but neither where it connects to nor its proxy.
//
// If the environment names a proxy for a URL (HTTPS_PROXY and the like), the proxy looks
// the host up and connects, and so decides. Before the proxy is asked, Transport refuses
// what it can know: an address that is not public, and a name that this machine's
// resolver leads to one.
func Transport(tune func(*http.Transport)) http.RoundTripper {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: control}
	direct := http.DefaultTransport.(*http.Transport).Clone()
	through := direct.Clone()
	for _, t := range []*http.Transport{direct, through} {
		tune(t)
	}
	direct.Proxy, direct.DialContext = nil, dialer.DialContext
	through.Proxy = http.ProxyFromEnvironment
	return &transport{direct: direct, through: through}
}

type transport struct{ direct, through *http.Transport }

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	proxy, err := t.through.Proxy(req)
	if err != nil || proxy == nil {
		return t.direct.RoundTrip(req)
	}
	if err := known(req.Context(), req.URL.Hostname()); err != nil {
		return nil, err
	}
	return t.through.RoundTrip(req)
}

// CloseIdleConnections is what http.Client looks for.
func (t *transport) CloseIdleConnections() {
	t.direct.CloseIdleConnections()
	t.through.CloseIdleConnections()
}

// lookUp is how long this machine's resolver may take. Behind a proxy it may know
// nothing of the internet.
const lookUp = 2 * time.Second

// known refuses a host that is known to be somewhere else than on the open internet.
func known(ctx context.Context, host string) error {
	ctx, cancel := context.WithTimeout(ctx, lookUp)
	defer cancel()
	addrs, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", host) // an unknown name is the proxy's to know
	for _, addr := range addrs {
		if !Address(addr) {
			return fmt.Errorf("%w: %s", ErrNotPublic, addr.Unmap())
		}
	}
	return nil
}

// control refuses an address that is not public, before it is connected to.
func control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrNotPublic, address)
	}
	if !Address(to.Addr()) {
		return fmt.Errorf("%w: %s", ErrNotPublic, to.Addr())
	}
	return nil
}
