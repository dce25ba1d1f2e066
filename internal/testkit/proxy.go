package testkit

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// Proxy is an egress proxy that speaks CONNECT, and knows where each name leads: its
// clients cannot.
type Proxy struct {
	URL string

	mu    sync.Mutex
	asked []string
}

// StartProxy starts a proxy for this test. hosts leads each host:port that it may
// connect to, to a real address; the others it refuses.
func StartProxy(t testing.TB, hosts map[string]string) *Proxy {
	t.Helper()
	p := &Proxy{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.mu.Unlock()
		if r.Method != http.MethodConnect || hosts[r.Host] == "" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		there, err := net.Dial("tcp", hosts[r.Host])
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer there.Close()
		w.WriteHeader(http.StatusOK)
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		var both sync.WaitGroup
		for to, from := range map[net.Conn]net.Conn{here: there, there: here} {
			both.Go(func() {
				_, _ = io.Copy(to, from) // until either side has had enough
				_ = here.Close()
				_ = there.Close()
			})
		}
		both.Wait()
	}))
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Asked returns what it was asked for, as CONNECT host:port.
func (p *Proxy) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}
