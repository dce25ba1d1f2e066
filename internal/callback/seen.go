package callback

import "sync"

// Seen remembers the last events, so that a delivery which comes again does
// nothing. It may forget one: what a delivery does is harmless twice.
type Seen struct {
	most int

	mu       sync.Mutex
	new, old map[string]struct{}
}

// NewSeen returns a Seen that remembers the last most events at least, and
// twice as many at most.
func NewSeen(most int) *Seen {
	return &Seen{most: most, new: map[string]struct{}{}}
}

// Has reports whether the event was added.
func (s *Seen) Has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, inNew := s.new[id]
	_, inOld := s.old[id]
	return inNew || inOld
}

// Add remembers an event.
func (s *Seen) Add(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.new) >= s.most {
		s.old, s.new = s.new, make(map[string]struct{}, s.most)
	}
	s.new[id] = struct{}{}
}
