package testservers

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// The ports of servers lie below those that a kernel lends to clients (from 32768
// up on Linux), or a server that is started again could find that a connection
// has taken its own; and they are no program's standard.
const (
	firstPort = 20_000
	ports     = 6_000
)

// FreeAddr returns a loopback address that no server listens on now, and that no
// connection will take. Another server may by the time that it is used: try again
// then.
func FreeAddr() (string, error) {
	var last error
	for range 100 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+rand.IntN(ports)))
		l, err := net.Listen("tcp", addr)
		if err == nil {
			return addr, l.Close()
		}
		last = err
	}
	return "", fmt.Errorf("find a free port: %w", last)
}
