//go:build linux

package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"heyq/heygen/simulator"
)

// stall is another way to the simulator, on which answers can be kept back:
// those of creates, which are accepted all the same, and files.
type stall struct {
	environ       string // for those that are to meet it
	simulator     *simulator.Simulator
	creates       atomic.Bool
	files         atomic.Bool
	mu            sync.Mutex
	sending       map[string]int // creates under way, by Idempotency-Key
	sent, overlap int
	release       func() // lets everything through, for good
	open          chan struct{}
}

func (f *fleet) stall(t *testing.T) *stall {
	t.Helper()
	s := &stall{simulator: f.simulator, sending: map[string]int{}, open: make(chan struct{})}
	s.release = sync.OnceFunc(func() { close(s.open) })
	s.environ = "HEYGEN_API_URL=" + serveHeyGen(t, s)
	return s
}

// ServeHTTP answers when it may.
func (s *stall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Idempotency-Key")
	if key != "" {
		s.count(key, 1)
		defer s.count(key, -1)
	}
	answer := httptest.NewRecorder()
	s.simulator.ServeHTTP(answer, r)
	if key != "" && s.creates.Load() || strings.HasPrefix(r.URL.Path, "/files/") && s.files.Load() {
		select {
		case <-s.open:
		case <-r.Context().Done():
			return
		}
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (s *stall) count(key string, change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sending[key] += change
	if change > 0 {
		s.sent++
	}
	if s.sending[key] > 1 {
		s.overlap++
	}
}

// overlaps counts the creates that were sent while another one with the same
// key was still under way.
func (s *stall) overlaps() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.overlap
}

// sends counts the creates that arrived.
func (s *stall) sends() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}
