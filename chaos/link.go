package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// link is the way to a server, with a proxy in it that can be told to misbehave.
type link struct {
	proxy *toxiproxy.Proxy
}

// Directions of a link: towards the server, and back from it.
const (
	upstream   = "upstream"
	downstream = "downstream"
)

// newLink opens a way to the server at addr, on a loopback port of its own.
func newLink(name, addr string) (*link, error) {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, name, "127.0.0.1:0", addr)
	if err := proxy.Start(); err != nil {
		return nil, fmt.Errorf("open the way to %s: %w", name, err)
	}
	return &link{proxy}, nil
}

func (l *link) addr() string { return l.proxy.Listen }

func (l *link) close() { l.proxy.Stop() }

// cut closes every connection and refuses new ones.
func (l *link) cut() { l.proxy.Stop() }

// mend takes connections again. The port may be on loan for a moment.
func (l *link) mend(ctx context.Context) error {
	return persist(ctx, 10*time.Second, func(context.Context) error {
		if err := l.proxy.Start(); !errors.Is(err, toxiproxy.ErrProxyAlreadyStarted) {
			return err
		}
		return nil
	})
}

// swallow lets nothing through in one direction any more, and says nothing of
// it. When it is over the connections that it met are closed.
func (l *link) swallow(direction string) error {
	return l.poison("timeout", direction, map[string]any{"timeout": 0})
}

// slow delays what goes in one direction.
func (l *link) slow(direction string, by time.Duration) error {
	return l.poison("latency", direction, map[string]any{"latency": by.Milliseconds()})
}

// reset resets each connection on which something comes in that direction.
func (l *link) reset(direction string) error {
	return l.poison("reset_peer", direction, map[string]any{"timeout": 0})
}

func (l *link) poison(kind, direction string, attributes map[string]any) error {
	body, err := json.Marshal(map[string]any{
		"name": kind, "type": kind, "stream": direction, "attributes": attributes,
	})
	if err != nil {
		return err
	}
	if _, err := l.proxy.Toxics.AddToxicJson(bytes.NewReader(body)); err != nil {
		return fmt.Errorf("%s on the way to %s: %w", kind, l.proxy.Name, err)
	}
	return nil
}

// heal takes everything back. A connection whose reader stands still can hold
// the proxy up; then all of them are closed.
func (l *link) heal(ctx context.Context) error {
	healed := make(chan struct{})
	go func() {
		defer close(healed)
		l.proxy.Toxics.ResetToxics(context.WithoutCancel(ctx))
	}()
	select {
	case <-healed:
	case <-time.After(2 * time.Second):
		l.cut()
		<-healed
	}
	return l.mend(ctx)
}
