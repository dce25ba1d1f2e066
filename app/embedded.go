package app

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc/test/bufconn"

	"heyq/heygen"
)

// What runs inside this process is reached inside this process: over connections
// in memory, and through no port that others on this machine, or a page in a
// browser on it, could talk to.

// insideBuffer is what a connection in memory holds in each direction. The commands
// of a pipeline are written before any answer is read: if both are larger than
// this, the two sides would wait for each other. heyq's are not, and there are many
// connections.
const insideBuffer = 64 << 10

// insideRedis makes the embedded Redis reachable. dial returns a client of it;
// stop ends it with all of its connections.
func insideRedis(embedded *miniredis.Miniredis) (dial func() redis.UniversalClient, stop func(), err error) {
	first, err := embedded.Dial() // which starts it without a listener
	if err != nil {
		return nil, nil, fmt.Errorf("start the embedded Redis: %w", err)
	}
	_ = first.Close() // a net.Pipe: its two ends would wait for each other in a pipeline
	listener, server := bufconn.Listen(insideBuffer), embedded.Server()
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			server.ServeConn(conn)
		}
	}()
	dial = func() redis.UniversalClient {
		return redis.NewClient(&redis.Options{
			Addr:   "embedded",
			Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) { return listener.DialContext(ctx) },
		})
	}
	return dial, func() {
		_ = listener.Close()
		<-accepting
		embedded.Close()
	}, nil
}

// insideHost names the simulator inside this process. No resolver will ever know
// it (RFC 6761), so that nothing but inside's transports leads there.
const insideHost = "simulator.invalid"

// inside leads what is meant for the simulator to it, and all else to next.
type inside struct {
	simulator *http.Transport
	next      http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (i *inside) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == insideHost {
		return i.simulator.RoundTrip(req)
	}
	return i.next.RoundTrip(req)
}

// insideTransport is what HeyGen's client has, over connections in memory.
func insideTransport(listener *bufconn.Listener) *http.Transport {
	t := heygen.NewTransport()
	t.Proxy = nil
	t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return listener.DialContext(ctx) }
	return t
}
