package policy

import lru "github.com/hashicorp/golang-lru/v2"

// mostHosts is how many hosts have a breaker of their own. Of more, those that
// were not called for longest are forgotten, which closes theirs.
const mostHosts = 1000

// Hosts are breakers of one name, one for each host: a host that is down stops
// no calls to other hosts. A nil Hosts lets everything through.
type Hosts struct {
	name     string
	breakers *lru.Cache[string, *Breaker]
	make     func() *Breaker
}

// Hosts returns breakers with that name, one for each host that is called.
func (s *Set) Hosts(name string) *Hosts {
	cache, err := lru.New[string, *Breaker](mostHosts)
	if err != nil {
		panic(err) // only of a size below one
	}
	h := &Hosts{name: name, breakers: cache}
	h.make = func() *Breaker { return s.newBreaker(name) }
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts = append(s.hosts, h)
	return h
}

// Of returns the breaker of a host.
func (h *Hosts) Of(host string) *Breaker {
	if h == nil {
		return nil
	}
	if b, ok := h.breakers.Get(host); ok {
		return b
	}
	b := h.make()
	if was, found, _ := h.breakers.PeekOrAdd(host, b); found {
		return was
	}
	return b
}

// worst is the state of the host that is worst off.
func (h *Hosts) worst() State {
	worst := Closed
	for _, b := range h.breakers.Values() {
		state, _, _ := b.State()
		worst = max(worst, state)
	}
	return worst
}
