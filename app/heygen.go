package app

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"time"

	"google.golang.org/grpc/test/bufconn"

	"heyq/heygen"
	"heyq/heygen/simulator"
	"heyq/internal/fault"
	"heyq/internal/heygenhook"
)

// Simulator configures the HeyGen that runs inside if there is no key for the
// real one. Its account is kept in the data folder.
type Simulator struct {
	RenderTime time.Duration
}

func (a *App) openHeyGen(context.Context) error {
	c := a.config.HeyGen
	url, key, transport := c.URL, c.APIKey.Reveal(), heygen.NewTransport()
	switch {
	case c.APIKey.IsSet():
		a.where.HeyGen = url
	case a.config.Store.DatabaseURL.IsSet() && !c.Simulator:
		return fault.New(fault.Invalid, "there is no key of HeyGen for a database that others may use with one").
			WithHint("with a simulator of its own this process would take paid renders for lost").
			WithField("HEYGEN_API_KEY", nil, "is not set beside DATABASE_URL; set it as for every other role, or say --simulator (HEYQ_SIMULATOR=true) to try things")
	default:
		if err := a.simulate(); err != nil {
			return err
		}
		url, key, transport = "http://"+insideHost, "simulated", a.inside
		a.config = a.config.ForSimulator()
		a.where.HeyGen = "the simulator inside this process (no HEYGEN_API_KEY is set; nothing is billed)"
	}
	policies := a.config.Policy // as it is with the simulator
	client, err := heygen.New(heygen.Options{
		BaseURL: url, APIKey: key,
		CreateTimeout: a.policies.Timeout("heygen_create", a.config.Protocol.CreateTimeout),
		Timeout:       a.policies.Timeout("heygen", policies.HeyGenTimeout),
		Retry:         a.policies.Retry("heygen", policies.RetryTries, backoff(policies)),
		Limiter:       a.policies.Limiter("heygen", policies.HeyGenRate.PerSecond, policies.HeyGenRate.AtOnce),
		Breaker:       a.policies.Breaker("heygen"),
		Patience:      a.config.Protocol.Lease / 4, // a create is sent within three quarters
		Record:        a.recordHeyGen(),
		Permit:        a.mayCall,
		Transport:     a.traced(transport),
	})
	if err != nil {
		return err
	}
	a.heygen = client
	a.links, err = heygenhook.NewLinks(a.config.HTTP.PublicURL, key)
	return err
}

// simulate runs the simulator, for this process alone.
func (a *App) simulate() error {
	sim, err := simulator.New(simulator.Options{
		RenderTime:  a.options.Simulator.RenderTime,
		Concurrency: a.config.HeyGen.Slots,
		Dir:         filepath.Join(a.config.Store.Dir, "simulator"),
		Logger:      a.log,
		Sealed:      true,
	})
	if err != nil {
		return err
	}
	listener := bufconn.Listen(insideBuffer)
	server := &http.Server{Handler: sim, ReadHeaderTimeout: headerTimeout}
	go func() { _ = server.Serve(listener) }()
	a.simulator, a.inside = sim, insideTransport(listener)
	a.onClose(func() error { return errors.Join(server.Close(), sim.Close()) })
	return nil
}

// Ledger returns what the simulator would have billed so far. It is empty if
// HeyGen is real.
func (a *App) Ledger() simulator.Ledger {
	if a.simulator == nil {
		return simulator.Ledger{}
	}
	return a.simulator.Ledger()
}
