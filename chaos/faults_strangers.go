package chaos

import (
	"context"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"
)

// strangerFaults are what a program does to the API that knows no token.
var strangerFaults = []card{strangers}

// strangerCalls are how strangers begin. None of them ends what it began.
var strangerCalls = []string{
	"GET /v1/videos HTTP/1.1\r\nHost: heyq\r\nX-Long: " + strings.Repeat("a", 1<<20),
	"GET /readyz HTTP/1.1\r\nHost: heyq\r\n",
	"POST /webhooks/heygen HTTP/1.1\r\nHost: heyq\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("{", 64<<10),
	"*0\r\n",
	"$9223372036854775805\r\n",
	"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
}

// strangerCount is how many of them there are at once: more than the API lets in.
const strangerCount = 300

// strangers open connections, begin a request on each, and stay.
func strangers(chance *rand.Rand, _ Options) Fault {
	return Fault{
		Name: "strangers", On: "strangers", For: outage.pick(chance),
		strike: func(ctx context.Context, s *stage, _ *Strike) error {
			var dialing sync.WaitGroup
			conns := make([]net.Conn, strangerCount)
			for n := range conns {
				dialing.Go(func() {
					conns[n] = callOn(ctx, strings.TrimPrefix(s.apiURL, "http://"), strangerCalls[n%len(strangerCalls)])
				})
			}
			dialing.Wait()
			s.strangers = conns
			return nil
		},
		lift: func(_ context.Context, s *stage) error {
			for _, conn := range s.strangers {
				if conn != nil {
					_ = conn.Close()
				}
			}
			s.strangers = nil
			return nil
		},
	}
}

// callOn returns a connection on which something was sent, or nil: the API may
// be down, and may hang up on a stranger.
func callOn(ctx context.Context, address, text string) net.Conn {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil
	}
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte(text)); err != nil {
		_ = conn.Close()
		return nil
	}
	return conn
}
