// Package crowd bounds how many connections an HTTP server has open, without
// letting strangers keep out those who are known.
//
// A plain limit makes all clients wait when it is reached, and a client that opens
// a thousand connections and sends nothing reaches it. Here a new connection always
// gets its place, and another one goes: one of the same address, if that has more
// than its share, else one of all. Strangers go before known clients, idle
// connections before those with a request under way, and of these the one that has
// waited longest goes first. A known client's request is never cut off.
//
//	Listen    counts what is accepted, and makes room
//	Context   lets a request find its connection
//	Handler   marks a connection as busy while a request is answered
//	Vouch     marks the connection of a request as known
//	Apart     takes the connection of a known client's long answer out of the count
package crowd

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// Options bound a Crowd. Most and Share are required.
type Options struct {
	Most   int                   // connections at once
	Share  int                   // and of one address: an IPv4 address, or the /64 of an IPv6 one
	Apart  int                   // connections of known clients that count to neither; default 0
	Exempt func(netip.Addr) bool // whose connections are many people's, as a proxy's; nil: no address is
}

// Crowd is the connections of one server. It is safe for concurrent use.
type Crowd struct {
	o Options

	mu      sync.Mutex
	open    map[*conn]struct{}
	of      map[netip.Prefix]int
	apart   int
	arrival uint64
}

// New returns a crowd without connections.
func New(o Options) *Crowd {
	if o.Exempt == nil {
		o.Exempt = func(netip.Addr) bool { return false }
	}
	return &Crowd{o: o, open: map[*conn]struct{}{}, of: map[netip.Prefix]int{}}
}

// conn is a connection in the crowd. The crowd's lock guards what changes.
type conn struct {
	net.Conn
	crowd  *Crowd
	from   netip.Prefix // zero: exempt
	since  uint64       // arrival, or the start or the end of the last request
	busy   bool         // a request is being answered
	known  bool
	apart  bool
	closed bool
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.crowd.leave(c)
	return c.Conn.Close()
}

// Listen returns a listener on l that keeps to the bounds of the crowd. If a
// new connection finds no free place, another one is closed for it. If none may
// be closed, the new one is.
func (c *Crowd) Listen(l net.Listener) net.Listener { return &listener{l, c} }

type listener struct {
	net.Listener
	crowd *Crowd
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.crowd.enter(accepted); c != nil {
			return c, nil
		}
		_ = accepted.Close() // every place is taken by a request of who is known
	}
}

// enter gives a connection a place; nil: there is none.
func (c *Crowd) enter(accepted net.Conn) *conn {
	n := &conn{Conn: accepted, crowd: c, from: c.addressOf(accepted)}
	c.mu.Lock()
	var gone []*conn
	if n.from.IsValid() && c.of[n.from] >= c.o.Share {
		gone = append(gone, c.evict(func(other *conn) bool { return other.from == n.from }))
	}
	if len(c.open) >= c.o.Most {
		gone = append(gone, c.evict(func(*conn) bool { return true }))
	}
	full := len(c.open) >= c.o.Most || n.from.IsValid() && c.of[n.from] >= c.o.Share
	if !full {
		c.arrival++
		n.since = c.arrival
		c.open[n] = struct{}{}
		c.of[n.from]++
	}
	c.mu.Unlock()
	for _, g := range gone {
		if g != nil {
			_ = g.Conn.Close()
		}
	}
	if full {
		return nil
	}
	return n
}

// evict takes out the connection that is to be closed first among those for which fits is
// true, and returns it; the caller closes it. nil: all have to stay. The caller has the lock.
func (c *Crowd) evict(fits func(*conn) bool) *conn {
	var worst *conn
	for other := range c.open {
		if other.rank() == stays || !fits(other) {
			continue
		}
		if worst == nil || other.rank() < worst.rank() || other.rank() == worst.rank() && other.since < worst.since {
			worst = other
		}
	}
	if worst != nil {
		c.remove(worst)
	}
	return worst
}

// stays is the rank of a connection that serves a known client's request: it is never
// closed.
const stays = 3

// rank is the order in which connections are closed, the lowest first. A request
// of a stranger counts for less than being known: strangers can draw their answers
// out, and would fill all places in the end.
func (c *conn) rank() int {
	switch {
	case c.known && c.busy:
		return stays
	case c.known:
		return 2
	case c.busy:
		return 1
	}
	return 0
}

// remove forgets a connection. The caller has the lock.
func (c *Crowd) remove(gone *conn) {
	if gone.closed {
		return
	}
	gone.closed = true
	if gone.apart {
		c.apart--
		return
	}
	c.uncount(gone)
}

func (c *Crowd) uncount(gone *conn) {
	delete(c.open, gone)
	if c.of[gone.from]--; c.of[gone.from] <= 0 {
		delete(c.of, gone.from)
	}
}

func (c *Crowd) leave(gone *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(gone)
}

// addressOf returns the address to whose share a connection counts; zero: to
// none.
func (c *Crowd) addressOf(accepted net.Conn) netip.Prefix {
	peer, err := netip.ParseAddrPort(accepted.RemoteAddr().String())
	if err != nil {
		return netip.Prefix{}
	}
	address := peer.Addr().Unmap().WithZone("")
	if c.o.Exempt(address) {
		return netip.Prefix{}
	}
	bits := 64
	if address.Is4() {
		bits = 32
	}
	prefix, _ := address.Prefix(bits)
	return prefix
}

type connKey struct{}

// Context is for http.Server's ConnContext.
func (c *Crowd) Context(ctx context.Context, accepted net.Conn) context.Context {
	if n, ok := accepted.(*conn); ok && n.crowd == c {
		return context.WithValue(ctx, connKey{}, n)
	}
	return ctx
}

// Handler keeps a connection open while next answers a request on it.
func (c *Crowd) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, ok := r.Context().Value(connKey{}).(*conn); ok {
			c.setBusy(n, true)
			defer c.setBusy(n, false)
		}
		next.ServeHTTP(w, r)
	})
}

func (c *Crowd) setBusy(n *conn, busy bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.arrival++
	n.busy, n.since = busy, c.arrival
}

// Vouch notes that the sender of a request has shown who it is: strangers go
// before it. It does nothing for a request of another server.
func Vouch(r *http.Request) {
	if n, ok := r.Context().Value(connKey{}).(*conn); ok {
		n.crowd.mu.Lock()
		defer n.crowd.mu.Unlock()
		n.known = true
	}
}

// Apart has the connection of a known client's request count to no bound but that of
// Options.Apart from now on, for an answer that goes on for long: such answers take the
// places of no other requests. The connection must be closed after the answer. It returns
// false if there is no such place, or the sender is a stranger.
func Apart(r *http.Request) bool {
	n, ok := r.Context().Value(connKey{}).(*conn)
	if !ok {
		return false
	}
	c := n.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if !n.known || n.closed || c.apart >= c.o.Apart {
		return n.apart
	}
	if !n.apart {
		c.uncount(n)
		n.apart = true
		c.apart++
	}
	return true
}
