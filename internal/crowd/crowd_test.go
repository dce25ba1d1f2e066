package crowd

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

// hall is a server with a crowd, whose path /wait is answered when released.
type hall struct {
	*httptest.Server
	waiting, release chan struct{}
}

func newHall(t *testing.T, o Options) *hall {
	t.Helper()
	h := &hall{waiting: make(chan struct{}, 100), release: make(chan struct{})}
	c := New(o)
	h.Server = httptest.NewUnstartedServer(c.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/vouch":
			Vouch(r)
		case "/wait":
			h.waiting <- struct{}{}
			<-h.release
		}
	})))
	h.Listener, h.Config.ConnContext = c.Listen(h.Listener), c.Context
	h.Start()
	t.Cleanup(h.Close)
	return h
}

// dial connects, and sends a request where path is not empty. It returns when
// that is answered, but for /wait.
func (h *hall) dial(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	switch path {
	case "":
		_, err = io.WriteString(c, "GET /nev") // never ends
	case "/wait":
		_, err = io.WriteString(c, "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
		<-h.waiting
	default:
		if !h.answers(t, c, path) {
			t.Fatalf("%s was not answered", path)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answers reports whether a request on c is answered.
func (h *hall) answers(t *testing.T, c net.Conn, path string) bool {
	t.Helper()
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		return false
	}
	return h.reads(t, c)
}

func (h *hall) reads(t *testing.T, c net.Conn) bool {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	buffer := make([]byte, 4096)
	n, _ := c.Read(buffer) // an error is that of a connection that was closed
	return n > 0
}

// A client that opens connections and sends nothing keeps out no other.
func TestCrowd_makes_room_for_whoever_comes(t *testing.T) {
	t.Parallel()
	const most = 10
	h := newHall(t, Options{Most: most, Share: most})
	known := h.dial(t, "/vouch")
	busy := h.dial(t, "/wait")
	for range 5 * most {
		h.dial(t, "")
	}
	h.dial(t, "/probe")
	if !h.answers(t, known, "/again") {
		t.Error("strangers drove out the connection of a known client")
	}
	close(h.release)
	if !h.reads(t, busy) {
		t.Error("a request that was being answered was cut off")
	}
}

// The oldest stranger goes first.
func TestCrowd_evicts_who_has_waited_longest(t *testing.T) {
	t.Parallel()
	h := newHall(t, Options{Most: 2, Share: 2})
	first, second := h.dial(t, "/a"), h.dial(t, "/b")
	h.answers(t, first, "/a") // so that the second is idle for longer
	h.dial(t, "/c")
	if h.answers(t, second, "/b") {
		t.Error("the connection that was idle longest is still open")
	}
	if !h.answers(t, first, "/a") {
		t.Error("another one went")
	}
}

// An address that has its share loses one of its own, and no other's; a proxy
// has no share.
func TestCrowd_shares(t *testing.T) {
	t.Parallel()
	c := New(Options{Most: 100, Share: 2, Exempt: func(a netip.Addr) bool { return a == netip.MustParseAddr("192.0.2.9") }})
	from := func(address string) *conn { return c.enter(&fake{address: address}) }
	other := from("192.0.2.2:1")
	first := from("192.0.2.1:1")
	from("192.0.2.1:2")
	from("192.0.2.1:3")
	if !first.closed || other.closed {
		t.Errorf("the oldest of the address is closed: %v, another's: %v", first.closed, other.closed)
	}
	network := from("[2001:db8::1]:1")
	from("[2001:db8::2]:1")
	from("[2001:db8::3]:1")
	if !network.closed {
		t.Error("a /64 has more than one share")
	}
	for range 10 {
		from("192.0.2.9:1")
	}
	if n := len(c.open); n != 1+2+2+10 {
		t.Errorf("%d are open, want 15", n)
	}
}

// A request of a stranger's, which the stranger can draw out, goes for a new
// connection; one of who is known does not.
func TestCrowd_full_of_requests(t *testing.T) {
	t.Parallel()
	c := New(Options{Most: 2, Share: 2})
	stranger, known := c.enter(&fake{address: "192.0.2.1:1"}), c.enter(&fake{address: "192.0.2.1:2"})
	c.setBusy(stranger, true)
	c.setBusy(known, true)
	known.known = true
	second := c.enter(&fake{address: "192.0.2.2:1"})
	if second == nil || !stranger.closed {
		t.Fatal("strangers' requests keep others out")
	}
	c.setBusy(second, true)
	second.known = true
	if c.enter(&fake{address: "192.0.2.3:1"}) != nil || known.closed || second.closed {
		t.Error("a request of who is known was cut off")
	}
	for n := range c.open {
		_ = n.Close()
		_ = n.Close() // net/http closes more than once
	}
	if len(c.open) != 0 || len(c.of) != 0 {
		t.Errorf("%d connections and %d addresses are left", len(c.open), len(c.of))
	}
}

// Long answers to those who are known take no place of other requests, and have their own
// bound.
func TestCrowd_apart(t *testing.T) {
	t.Parallel()
	c := New(Options{Most: 2, Share: 2, Apart: 3})
	requestOn := func(n *conn) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		return r.WithContext(c.Context(r.Context(), n))
	}
	var long []*conn
	for range 3 {
		n := c.enter(&fake{address: "192.0.2.1:1"})
		r := requestOn(n)
		if Apart(r) {
			t.Fatal("a stranger has a place apart")
		}
		Vouch(r)
		for range 2 { // the second time changes nothing
			if !Apart(r) {
				t.Fatal("who is known has none")
			}
		}
		long = append(long, n)
	}
	if len(c.open) != 0 || len(c.of) != 0 || c.apart != 3 {
		t.Errorf("%d are open, of %d addresses, and %d apart", len(c.open), len(c.of), c.apart)
	}
	more := c.enter(&fake{address: "192.0.2.1:1"})
	Vouch(requestOn(more))
	if Apart(requestOn(more)) || len(c.open) != 1 {
		t.Error("there are more places apart than there should be")
	}
	_ = long[0].Close()
	_ = long[0].Close()
	if !Apart(requestOn(more)) || len(c.open) != 0 || c.apart != 3 {
		t.Error("a place apart does not come free")
	}
	for range 5 {
		c.enter(&fake{address: "192.0.2.1:1"})
	}
	if more.closed || long[1].closed || len(c.open) != 2 {
		t.Error("strangers close what is apart")
	}
	if Apart(httptest.NewRequest(http.MethodGet, "/", nil)) {
		t.Error("a request of another server has a place")
	}
}

// fake is a connection from an address.
type fake struct {
	net.Conn
	address string
}

func (f *fake) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.address))
}
func (f *fake) Close() error { return nil }
