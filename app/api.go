package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"heyq/api"
	"heyq/internal/callback"
	"heyq/internal/fault"
	"heyq/jobs"
)

// The server's patience.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 60 * time.Second // a batch of 10 MB over a slow line
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 5 * time.Second
)

// server is the API's HTTP server, listening already.
type server struct {
	http     *http.Server
	listener net.Listener
}

func (a *App) newAPI() (*server, error) {
	addr := a.config.HTTP.Addr
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "cannot listen on %s: %v", addr, err).
			WithHint("another process may use the port; choose one with --addr")
	}
	a.onClose(func() error {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	a.where.API = "http://" + listener.Addr().String()
	a.where.Docs = a.where.API + "/docs"
	a.endpoints = a.newEndpoints()
	handler := api.New(api.Options{
		Client:    jobs.NewClient(a.store, jobs.WithWake(a.dispatcher.Wake), jobs.WithNotifyRules(a.rules)),
		Store:     a.store,
		Files:     a.media,
		Renders:   renders{a.heygen},
		Checks:    a.checks(),
		Build:     a.options.Build,
		Endpoints: a.endpoints,
		Keyring:   callback.NewKeyring(a.webhookSecrets),
		Links:     a.links,
		Alerts:    a.newWatcher(),
		Logger:    a.log,
	})
	return &server{
		listener: listener,
		http: &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       readTimeout,
			IdleTimeout:       idleTimeout,
		},
	}, nil
}

func (s *server) serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the API: %w", err)
	}
	return nil
}

// shutdown lets requests finish that are under way.
func (s *server) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
}
