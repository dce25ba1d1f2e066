package policy

import (
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
)

// Options configures a Set.
type Options struct {
	Redis redis.UniversalClient // what rate limits share between processes; nil: nothing is
	Log   zerolog.Logger

	Failures int           // in a row, that open a breaker; 0: 5
	Open     time.Duration // how long a breaker stays open; 0: 60 s
}

// Set makes the policies of a process and knows them by their names.
type Set struct {
	options Options
	metrics *metrics

	mu       sync.Mutex
	breakers map[string]*Breaker
	hosts    []*Hosts
}

// New returns a Set without policies.
func New(o Options) *Set {
	if o.Failures <= 0 {
		o.Failures = 5
	}
	if o.Open <= 0 {
		o.Open = time.Minute
	}
	s := &Set{options: o, breakers: map[string]*Breaker{}}
	s.metrics = newMetrics(s.states)
	return s
}

// Breaker makes the breaker of that name.
func (s *Set) Breaker(name string) *Breaker {
	b := s.newBreaker(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.breakers[name] = b
	return b
}

// State returns where a breaker stands. If it is open, State also returns until
// when nothing passes, and what opened it. A name that no breaker has is closed.
func (s *Set) State(name string) (state State, until time.Time, cause string) {
	s.mu.Lock()
	b := s.breakers[name]
	s.mu.Unlock()
	if b == nil {
		return Closed, time.Time{}, ""
	}
	return b.State()
}

// states is the state of each name. If hosts share a name, it is that of the
// worst.
func (s *Set) states() map[string]State {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := map[string]State{}
	for name, b := range s.breakers {
		states[name], _, _ = b.State()
	}
	for _, h := range s.hosts {
		states[h.name] = h.worst()
	}
	return states
}
