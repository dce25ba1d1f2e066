package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"heyq/config"
	"heyq/dispatch"
	"heyq/heygen"
	"heyq/heygen/simulator"
	"heyq/internal/auth"
	"heyq/internal/build"
	"heyq/internal/filelink"
	"heyq/internal/heygenhook"
	"heyq/internal/logs"
	"heyq/internal/notify"
	"heyq/internal/policy"
	"heyq/internal/redishook"
	"heyq/internal/stats"
	"heyq/internal/trace"
	"heyq/jobs"
	"heyq/live"
	"heyq/media"
	"heyq/operate"
	"heyq/operate/endpoint"
	"heyq/operate/identity"
	"heyq/people"
	"heyq/store"
)

// Role is a part that a process plays.
type Role string

// The roles. A process may play any number of them.
const (
	API       Role = "api"       // takes requests over HTTP
	Worker    Role = "worker"    // dispatches, and does the tasks of all queues
	Scheduler Role = "scheduler" // enqueues the scheduled jobs; one at a time is at it
	Dashboard Role = "dashboard" // shows the queues, and only with no other role; the API has it mounted
)

// Options says what to build.
type Options struct {
	Config    config.Config
	Roles     []Role
	Simulator Simulator // used if no HEYGEN_API_KEY is set
	Migrate   bool      // bring Postgres' schema up to date at start; SQLite's always is
	Logger    zerolog.Logger
	Level     *logs.Level // of Logger; nil: it cannot be changed
	Build     build.Info  // which heyq this is
}

// App is a process of heyq.
type App struct {
	options Options
	config  config.Config
	log     zerolog.Logger
	tracer  *trace.Tracer // nil: nothing is traced
	where   Where

	registry *prometheus.Registry // of what /metrics tells; parts may register their own
	stats    *stats.Recorder      // nil: statistics are off
	shared   *stats.Shared        // of all processes; nil with stats
	metrics  http.Handler         // answers /metrics; nil: 404

	store      store.Store
	token      config.Secret // of the operator
	redis      redis.UniversalClient
	dialRedis  func() redis.UniversalClient // another client of the same Redis
	outage     *redishook.Outage            // of Redis
	policies   *policy.Set
	heygen     *heygen.Client
	simulator  *simulator.Simulator // nil: HeyGen is real
	inside     *http.Transport      // leads to the simulator
	links      *heygenhook.Links
	media      *media.Library
	identity   *identity.Keeper // nil in a dashboard without rows
	users      *people.Users    // and so are the next two
	keys       *people.Keys
	passwords  *people.Passwords
	logins     *auth.Logins // of browsers
	webhooks   *notify.Client
	fileLinks  *filelink.Links
	rules      jobs.NotifyRules
	dispatcher *dispatch.Dispatcher
	meter      *operate.Meter  // counts what this process finishes
	queues     *operate.Queues // what operators see and move of the queues
	live       *live.Feed      // what becomes of videos; nil without the API

	started time.Time

	api       *server             // nil without the role
	dashboard *server             // nil without the role
	probe     *server             // nil with the API, and without HEYQ_METRICS_ADDR
	endpoints *endpoint.Registry  // nil without the API
	tasks     *operate.Background // nil without the API
	workers   *workers            // nil without the role
	scheduler *dispatch.Scheduler

	closers []func() error // in the order of opening
}

// Where says which of each part an App uses, and where to look.
type Where struct {
	API       string // URL; empty without the role
	Docs      string // URL of the API's documentation; empty without the role
	Dashboard string // URL; empty without its role and the API's
	Token     string // which operator token lets in, or none; never the token itself
	Probe     string // URL of the health of a process without the role; empty: it answers none
	Store     string
	Redis     string
	HeyGen    string
	Media     string
}

// New opens what the roles need and starts to listen. On an error everything
// is closed again.
func New(ctx context.Context, o Options) (_ *App, err error) {
	a := &App{options: o, config: o.Config, log: o.Logger, started: time.Now()}
	defer func() {
		if err != nil {
			_ = a.close()
		}
	}()
	parts := []func(context.Context) error{
		a.openTracing,
		a.openStats,
		a.openFolder,
		a.openStore,
		a.openDoor,
		a.openRedis,
		a.shareStats,
		a.openPolicies,
		a.openHeyGen,
		a.openMedia,
		a.openIdentity,
		a.buildQueues,
		a.registerMetrics,
		a.openNotify,
		a.buildDispatcher,
	}
	if a.isDashboard() {
		parts = []func(context.Context) error{a.openFolder, a.openRows, a.openDoor, a.openRedis, a.openIdentity, a.buildSwitches}
	}
	if err := a.open(ctx, parts...); err != nil {
		return nil, err
	}
	a.buildPeople()
	if a.plays(Worker) {
		a.workers = a.newWorkers()
	}
	if a.plays(Scheduler) {
		a.scheduler = dispatch.NewScheduler(a.redis, a.store, a.log)
	}
	if a.plays(API) {
		if a.api, err = a.newAPI(ctx); err != nil {
			return nil, err
		}
	}
	if a.isDashboard() {
		a.dashboard, err = a.newDashboard()
	} else {
		a.probe, err = a.newProbe()
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// open opens parts, each of which uses those before it.
func (a *App) open(ctx context.Context, parts ...func(context.Context) error) error {
	for _, open := range parts {
		if err := open(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Where says what this App uses.
func (a *App) Where() Where { return a.where }

func (a *App) plays(r Role) bool { return slices.Contains(a.options.Roles, r) }

func (a *App) onClose(fn func() error) { a.closers = append(a.closers, fn) }

// buildDispatcher builds the one dispatcher of this process. The API's runs
// when it is woken, a worker's all the time.
func (a *App) buildDispatcher(context.Context) error {
	a.dispatcher = dispatch.New(dispatch.Options{
		Store:  a.store,
		Sender: dispatch.NewSender(a.redis, a.store),
		Slots:  a.config.HeyGen.Slots,
		Window: a.config.Queues.Window,
		Log:    a.log,
	})
	return nil
}

// Run serves until ctx ends or a part fails, and then drains.
func (a *App) Run(ctx context.Context) error {
	serve, stop := context.WithCancel(ctx)
	defer stop()
	// The leases outlive the signal: work that drains needs them.
	upkeep, stopUpkeep := context.WithCancel(context.WithoutCancel(ctx))
	defer stopUpkeep()

	parts, serve := errgroup.WithContext(serve)
	if a.api != nil {
		parts.Go(func() error { return a.api.serve() })
		parts.Go(func() error { return a.live.Run(serve) }) // whose end ends the streams
		if a.links.Endpoint() != "" {
			parts.Go(func() error { return a.endpoints.Run(serve) })
		}
	}
	if a.dashboard != nil {
		parts.Go(func() error { return a.dashboard.serve() })
	}
	if a.scheduler != nil {
		parts.Go(func() error { return a.scheduler.Run(serve) })
	}
	if k := a.identity; k != nil {
		parts.Go(func() error {
			err := k.Run(serve)
			if err != nil { // this process stops meanwhile, and waits for the message
				parts.Go(func() error { a.tellEnd(err); return nil })
			}
			return err
		})
	}
	if a.shared != nil {
		parts.Go(func() error { return a.shared.Run(serve) })
	}
	keep, upkeep := errgroup.WithContext(upkeep)
	if a.probe != nil {
		keep.Go(func() error { a.answerProbes(); return nil })
	}
	if a.workers != nil {
		if err := a.workers.start(); err != nil {
			return errors.Join(err, a.close())
		}
		keep.Go(func() error { return a.workers.handlers.Run(upkeep) })
		keep.Go(func() error { return a.meter.Run(upkeep) })
		parts.Go(func() error { return a.dispatcher.Run(serve, dispatch.Tick) })
		parts.Go(func() error { return a.sweepSpool(serve) })
	} else if a.dispatcher != nil {
		parts.Go(func() error { return a.dispatcher.Run(serve, 0) })
	}
	a.wake()

	<-serve.Done()
	ended := make(chan error, 1)
	go func() {
		ended <- a.end(stopUpkeep, func() error { return errors.Join(parts.Wait(), keep.Wait()) })
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(endTime):
		a.log.Warn().Msg("not everything stopped in time, for a server that does not answer; the rows say what is left to do")
		if err := context.Cause(serve); !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	}
}

// endTime is how long the end of an App may take. Docker, and others that stop
// heyq, kill after ten seconds, and a server that does not answer can hold an
// orderly end up for longer.
const endTime = 9 * time.Second

// end stops everything in its order. wait returns when what serves, and what
// the running work needed, has stopped.
func (a *App) end(stopUpkeep func(), wait func() error) error {
	var done sync.WaitGroup
	// 1. Take no more requests; those under way are answered. What they have started
	//    ends without a result.
	if a.api != nil {
		done.Go(func() {
			a.api.shutdown()
			a.endTasks()
		})
	}
	if a.dashboard != nil {
		done.Go(a.dashboard.shutdown)
	}
	// 2. At the same time, fetch no more tasks and begin no more videos; let
	//    what runs finish, cut off what does not, and hand it back.
	if a.workers != nil {
		done.Go(a.workers.drain)
	}
	done.Wait()
	// 3. Stop what the running work needed, and answer no more probes.
	stopUpkeep()
	if a.probe != nil {
		a.probe.shutdown()
	}
	err := wait()
	// 4. Close Redis, then the store, and send the last spans.
	return errors.Join(err, a.close())
}

// close closes everything in the opposite order of opening: the store, and the
// tracing of all of it, last.
func (a *App) close() error {
	var errs []error
	for _, fn := range slices.Backward(a.closers) {
		if err := fn(); err != nil {
			errs = append(errs, fmt.Errorf("close: %w", err))
		}
	}
	a.closers = nil
	return errors.Join(errs...)
}
