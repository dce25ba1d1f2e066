package app

import (
	"errors"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"heyq/internal/testkit"
)

// What one stranger can make a server hold is bounded: headers, time and connections.
func TestNewServer_bounds(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := (&App{}).newServer(l, http.NotFoundHandler())
	if s.http.MaxHeaderBytes != 32<<10 || s.http.WriteTimeout != 3*time.Minute || s.http.ReadHeaderTimeout <= 0 || s.http.ReadTimeout <= 0 || s.http.IdleTimeout <= 0 {
		t.Errorf("headers of %d bytes; %s for headers, %s for a request, %s for an answer, %s idle",
			s.http.MaxHeaderBytes, s.http.ReadHeaderTimeout, s.http.ReadTimeout, s.http.WriteTimeout, s.http.IdleTimeout)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.serve() }()
	t.Cleanup(func() {
		s.shutdown()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	connections := make([]net.Conn, mostConnections/4+1)
	for i := range connections {
		if connections[i], err = (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer connections[i].Close()
	}
	if err := readOne(connections[0], testkit.Patience); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the oldest connection of an address with more than its share is open: %v", err)
	}
	if err := readOne(connections[1], 10*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the second oldest is not: %v", err)
	}
}

func readOne(c net.Conn, patience time.Duration) error {
	_ = c.SetReadDeadline(time.Now().Add(patience))
	_, err := c.Read(make([]byte, 1))
	return err
}
