package simulator

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"
)

// errHungUp stops a handler whose connection is gone.
var errHungUp = errors.New("simulator hung up")

// hangUp closes the connection after what was written so far. If the connection cannot
// be hijacked, as under HTTP/2, the server closes it.
func hangUp(w http.ResponseWriter) { closeConn(w, func(net.Conn) {}) }

// reset closes the connection so that the client's next read says "connection
// reset by peer".
func reset(w http.ResponseWriter) {
	closeConn(w, func(conn net.Conn) {
		if t, ok := conn.(*tls.Conn); ok {
			conn = t.NetConn()
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // it is closed either way
		}
	})
}

func closeConn(w http.ResponseWriter, prepare func(net.Conn)) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	prepare(conn)
	_ = conn.Close()
}

// wait lets d pass; 0: for ever. It returns false as soon as the client has
// left or the simulator is closed.
func (s *Simulator) wait(r *http.Request, d time.Duration) bool {
	var over <-chan time.Time
	if d > 0 {
		over = time.After(d)
	}
	select {
	case <-over:
		return true
	case <-r.Context().Done():
	case <-s.closed:
	}
	return false
}
