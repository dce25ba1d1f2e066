package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"heyq/heygen"
	"heyq/heygen/heygentest"
	"heyq/internal/callback"
)

// Simulator configures the HeyGen that runs inside where there is no key for
// the real one. Its account is kept in the data folder.
type Simulator struct {
	RenderTime time.Duration
}

func (a *App) openHeyGen(context.Context) error {
	c := a.config.HeyGen
	url, key := c.URL, c.APIKey.Reveal()
	if c.APIKey.IsSet() {
		a.where.HeyGen = url
	} else {
		var err error
		if url, err = a.simulate(); err != nil {
			return err
		}
		key = "simulated"
		a.config = a.config.ForSimulator()
		a.where.HeyGen, a.where.Simulator = "the simulator at "+url+" (no HEYGEN_API_KEY is set; nothing is billed)", url
	}
	policies := a.config.Policy // as it is with the simulator
	client, err := heygen.New(heygen.Options{
		BaseURL: url, APIKey: key,
		CreateTimeout: a.policies.Timeout("heygen_create", a.config.Protocol.CreateTimeout),
		Timeout:       a.policies.Timeout("heygen", policies.HeyGenTimeout),
		Retry:         a.policies.Retry("heygen", policies.RetryTries, backoff(policies)),
		Breaker:       a.policies.SharedBreaker("heygen"),
		Limiter:       a.policies.Limiter("heygen", policies.HeyGenRate),
		Patience:      a.config.Protocol.Lease / 4, // a create is sent within three quarters
		Record:        a.recordHeyGen(),
	})
	if err != nil {
		return err
	}
	a.heygen = client
	a.links, err = callback.NewLinks(a.config.HTTP.PublicURL, key)
	return err
}

// simulate serves the simulator on a free loopback port.
func (a *App) simulate() (url string, err error) {
	simulator, err := heygentest.New(heygentest.Options{
		RenderTime:  a.options.Simulator.RenderTime,
		Concurrency: a.config.HeyGen.Slots,
		Dir:         filepath.Join(a.config.Store.Dir, "simulator"),
		Logger:      a.log,
	})
	if err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", errors.Join(fmt.Errorf("listen for the simulator: %w", err), simulator.Close())
	}
	server := &http.Server{Handler: simulator, ReadHeaderTimeout: headerTimeout}
	go func() { _ = server.Serve(listener) }()
	a.onClose(func() error { return errors.Join(server.Close(), simulator.Close()) })
	return "http://" + listener.Addr().String(), nil
}
