package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"heyq/api"
	"heyq/api/dashboard"
	"heyq/internal/crowd"
	"heyq/internal/heygenhook"
	"heyq/jobs"
	"heyq/live"
	"heyq/operate"
	"heyq/operate/metrics"
	"heyq/people"
	"heyq/store"
	"heyq/web"
	"heyq/wire"
)

// The timeouts of the servers.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 60 * time.Second // a batch of 10 MB over a slow line
	writeTimeout    = 3 * time.Minute  // from the header on: a batch of 1,000 on a slow disk; a file moves it
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 5 * time.Second
	tasksTimeout    = 2 * time.Second // for what is cancelled to say so
)

// The servers' bounds. What strangers can make a process hold is their product.
const (
	mostConnections = 1000
	mostStreams     = 6000 // of events, of those who are known; they take no place of other requests
	maxHeader       = 32 << 10
)

// server is an HTTP server, listening already.
type server struct {
	http     *http.Server
	listener net.Listener
}

func (a *App) newAPI(ctx context.Context) (*server, error) {
	listener, err := a.listen(a.config.HTTP.Addr, "choose one with --addr")
	if err != nil {
		return nil, err
	}
	a.where.API = "http://" + listener.Addr().String()
	a.where.Docs = a.where.API + "/docs"
	a.where.Dashboard = a.where.API + dashboard.Path
	a.endpoints = a.newEndpoints()
	deliveries := &api.Deliveries{}
	a.live = a.newFeed()
	limits := people.NewLimits(a.store, a.redis, 0, a.log)
	a.tasks = operate.NewBackground(a.store, a.log)
	a.registry.MustRegister(metrics.Deliveries(deliveries.ByOutcome), limits.Collector(), a.tasks.Collector())
	client := jobs.NewClient(a.store, jobs.WithWake(a.dispatcher.Wake), jobs.WithMoved(a.live.Hint), jobs.WithNotifyRules(a.rules), jobs.WithSharedCommits())
	pages := web.New(web.Options{
		Client: client, Users: a.users, Keys: a.keys, Passwords: a.passwords, Logins: a.logins, Store: a.store, Limits: limits, Caller: people.CallerOf,
		Outlook: func(v store.Video) wire.Outlook { return a.live.Outlook(live.Present(v)) },
		Price:   a.config.HeyGen.PricePerSecond, Simulated: a.simulator != nil, PublicURL: a.config.HTTP.PublicURL, Logger: a.log,
	})
	guard := a.guard("/", true)
	handler := api.New(api.Options{
		Client:    client,
		Users:     a.users,
		Keys:      a.keys,
		Passwords: a.passwords,
		Logins:    a.logins,
		PublicURL: a.config.HTTP.PublicURL,
		Limits:    limits,
		Tasks:     a.tasks,
		Store:     a.store,
		Files:     a.media,
		Renders:   renders{a.heygen},
		Jobs:      a.newJobs(),
		Queues:    a.queues,
		Live:      a.live,
		Checks:    a.checks(),
		Build:     a.options.Build,
		Caller:    people.CallerOf,
		Again:     people.CallerAgain,
		Apart:     crowd.Apart,
		Guard:     func(h http.Handler) http.Handler { return guard(pages.InWords(h)) },
		Mounts:    map[string]http.Handler{dashboard.Path + "/": a.monitoring()},
		Pages:     pages,
		Schedule:  operate.NewSchedule(a.redis, a.store),
		Endpoints: a.endpoints,
		Keyring:   heygenhook.NewKeyring(a.webhookSecrets),
		Links:     a.links,
		FileLinks: a.fileLinks,
		Word:      a.identity.Self().Word(),
		Alerts:    a.newWatcher(),
		Logger:    a.log,

		Deliveries: deliveries,
		Stats:      a.statistics(),
		Metrics:    a.metrics,
		Tracer:     a.tracer,
		LogLevel:   a.options.Level,
	})
	if err := a.announceServing(ctx, listener.Addr()); err != nil {
		a.log.Warn().Err(err).Msg("commands on this machine do not find the operator token by themselves: set HEYQ_OPERATOR_TOKEN for them")
	}
	return a.newServer(listener, pages.InWords(handler)), nil // what fails around the guard as well
}

// newServer serves a handler with the patience and the bounds that all of heyq's
// servers have.
func (a *App) newServer(l net.Listener, h http.Handler) *server {
	guests := crowd.New(crowd.Options{Most: mostConnections, Share: mostConnections / 4, Apart: mostStreams, Exempt: a.config.HTTP.TrustedProxies.Contain})
	return &server{
		listener: guests.Listen(l),
		http: &http.Server{
			Handler:           guests.Handler(h),
			ConnContext:       guests.Context,
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       readTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeader,
		},
	}
}

func (s *server) serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", s.listener.Addr(), err)
	}
	return nil
}

// endTasks cancels what runs in the background.
func (a *App) endTasks() {
	ctx, cancel := context.WithTimeout(context.Background(), tasksTimeout)
	defer cancel()
	a.tasks.Close(ctx)
}

// shutdown lets requests finish that are under way.
func (s *server) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
}
