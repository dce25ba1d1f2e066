package chaos

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"heyq/heygen/simulator"
)

// account is HeyGen: the simulator on a loopback port, in this very process, so
// that its ledger outlives everything that is broken.
type account struct {
	*simulator.Simulator
	o      Options
	url    string
	server *http.Server

	mu    sync.Mutex
	rules map[string]simulator.Rule // in force, by the fault that they belong to
}

// roomAbove is how many more renders HeyGen takes than heyq may have in
// flight: with the same cap in both places HeyGen would hide a breach.
const roomAbove = 1000

func openAccount(o Options, user string) (*account, error) {
	sim, err := simulator.New(simulator.Options{
		Account: user, RenderTime: o.RenderTime, Concurrency: o.Slots + roomAbove, Latency: o.CreateTime, WebhookRetry: time.Second,
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for HeyGen: %w", err), sim.Close())
	}
	a := &account{
		Simulator: sim, o: o,
		url:    "http://" + listener.Addr().String(),
		server: &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second},
		rules:  map[string]simulator.Rule{},
	}
	go func() { _ = a.server.Serve(listener) }()
	return a, nil
}

func (a *account) close() error { return errors.Join(a.server.Close(), a.Simulator.Close()) }

// misbehave adds a rule under a name.
func (a *account) misbehave(name string, rule simulator.Rule) error {
	return a.change(func() { a.rules[name] = rule })
}

// behave takes it back.
func (a *account) behave(name string) error {
	return a.change(func() { delete(a.rules, name) })
}

func (a *account) change(change func()) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
	faults := simulator.Faults{Seed: a.o.Seed}
	for _, name := range slices.Sorted(maps.Keys(a.rules)) {
		faults.Rules = append(faults.Rules, a.rules[name])
	}
	return a.SetFaults(faults)
}

// refusesAccount reports whether HeyGen, or what stands before it, refuses all
// creates right now.
func (a *account) refusesAccount() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, rule := range a.rules {
		switch rule.Fault {
		case "unpaid", "unauthorized", "unscoped", "edge":
			return true
		}
	}
	return false
}

// accepted reports whether HeyGen has a render with the text in its title.
func (a *account) accepted(text string) bool { return len(a.titled(text)) > 0 }

// deleteStuck deletes the renders that should have ended by now and still go on,
// as HeyGen's support would. It returns how many those were.
func (a *account) deleteStuck(ctx context.Context) (deleted int, err error) {
	for _, render := range a.Ledger().Renders {
		if time.Since(render.CreatedAt) < a.o.RenderTime {
			continue
		}
		status, err := a.status(ctx, render.VideoID)
		if err != nil {
			return deleted, err
		}
		if status != "pending" && status != "processing" {
			continue
		}
		if err := a.call(ctx, http.MethodDelete, "/v3/videos/"+render.VideoID, nil); err != nil {
			return deleted, err
		}
		deleted++
	}
	return deleted, nil
}
