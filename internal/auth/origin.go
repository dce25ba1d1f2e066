package auth

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the addresses whose X-Forwarded-For and X-Forwarded-Proto are
// believed. Any client can send those headers, too.
type proxies []netip.Prefix

func (p proxies) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(p, func(block netip.Prefix) bool { return block.Contains(address) })
}

// addressOf returns where a request comes from: an IPv4 address, or the /64 of an
// IPv6 one, since a single machine has all of those. Behind a trusted proxy it is
// the last address in X-Forwarded-For that is not itself a trusted proxy's. Behind
// another proxy all clients have that proxy's address.
func (p proxies) addressOf(r *http.Request) netip.Prefix {
	address := peerOf(r)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !p.trusts(address) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		address = before.Unmap().WithZone("")
	}
	bits := 64
	if address.Is4() {
		bits = 32
	}
	prefix, _ := address.Prefix(bits)
	return prefix
}

// peerOf returns the other end of the connection; what is no address is one of
// its own.
func peerOf(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return peer.Addr().Unmap().WithZone("")
}

// overTLS reports whether the browser speaks https, with us or with the proxy
// before us.
func (d *Authenticator) overTLS(r *http.Request) bool {
	return d.secure || r.TLS != nil ||
		d.proxies.trusts(peerOf(r)) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// ours answers a page only under a name of this heyq.
func (d *Authenticator) ours(page http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if d.misled(r) {
			writeProblem(w, http.StatusMisdirectedRequest, notOurs(r))
			return
		}
		page(w, r)
	}
}

// misled reports whether a browser on this machine was led to loopback under a
// foreign name. A web page can do so if its own name is made to resolve to
// 127.0.0.1 (DNS rebinding): the browser would then take us for the server of
// that page. A trusted proxy on this machine may use any name.
func (d *Authenticator) misled(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if local == nil || !local.IP.IsLoopback() || d.proxies.trusts(peerOf(r)) {
		return false
	}
	host := hostOf(r)
	address, err := netip.ParseAddr(host)
	loopback := err == nil && address.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
	return !loopback && !slices.Contains(d.hosts, host)
}

// hostOf is the name that the request was sent to, without its port.
func hostOf(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

func notOurs(r *http.Request) string {
	return fmt.Sprintf("no heyq is known here as %.100q; open it as 127.0.0.1 or localhost, or set HEYQ_PUBLIC_URL to its name, "+
		"or HEYQ_TRUSTED_PROXIES to the address of the proxy in front of it", r.Host)
}
