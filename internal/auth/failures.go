package auth

import (
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

// note notes that an address showed a wrong token. It returns how long the
// address should wait before it shows another, zero below the limit, and whether
// this was the one that reached it.
func (f *failures) note(address netip.Prefix, now time.Time) (wait time.Duration, last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen, _ := f.by.Get(address)
	if len(seen) == mostFailures {
		if wait := failureWindow - now.Sub(seen[0]); wait > 0 {
			return wait, false
		}
		seen = seen[1:]
	}
	seen = append(seen, now)
	f.by.Add(address, seen)
	return 0, len(seen) == mostFailures && now.Sub(seen[0]) < failureWindow
}
