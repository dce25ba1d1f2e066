package door

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// How often an address may be wrong, and how many addresses are remembered:
// those that were wrong last, in 3 MB at most.
const (
	mostFailures  = 10
	failureWindow = time.Minute
	mostAddresses = 10_000
)

// failures remembers who showed wrong tokens.
type failures struct {
	mu sync.Mutex
	by *simplelru.LRU[netip.Prefix, []time.Time] // the last mostFailures of each, oldest first
}

func newFailures() *failures {
	by, _ := simplelru.NewLRU[netip.Prefix, []time.Time](mostAddresses, nil) // it only refuses a size below one
	return &failures{by: by}
}

// judge notes a token that was wrong. It returns how long the address has to
// wait until a token from there counts again, zero where this one counts, and
// whether this was the last wrong one that did.
func (f *failures) judge(address netip.Prefix, right bool, now time.Time) (wait time.Duration, last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen, _ := f.by.Get(address)
	if len(seen) == mostFailures {
		if wait := failureWindow - now.Sub(seen[0]); wait > 0 {
			return wait, false
		}
		seen = seen[1:]
	}
	if right {
		return 0, false
	}
	seen = append(seen, now)
	f.by.Add(address, seen)
	return 0, len(seen) == mostFailures && now.Sub(seen[0]) < failureWindow
}

// addressOf returns where a request comes from: an IPv4 address, or the /64 of an
// IPv6 one, since a single machine has all of those. What the headers say of it
// is not believed; behind a proxy everybody has the proxy's address.
func addressOf(r *http.Request) netip.Prefix {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr) // what is no address is one of its own
	address := peer.Addr().Unmap()
	bits := 64
	if address.Is4() {
		bits = 32
	}
	prefix, _ := address.Prefix(bits)
	return prefix
}
