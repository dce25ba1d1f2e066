package app

import (
	"context"
	"io"
	"net/http"

	"heyq/api"
	"heyq/api/dashboard"
	"heyq/operate"
	"heyq/people"
	"heyq/store"
)

// isDashboard reports whether this process only shows the queues. It then has a
// guard and a Redis, and a store if DATABASE_URL is set. Without a store it
// cannot queue rows again.
func (a *App) isDashboard() bool { return len(a.options.Roles) == 1 && a.plays(Dashboard) }

// openRows opens the store, if it is one that another process may open too.
func (a *App) openRows(ctx context.Context) error {
	if !a.config.Store.DatabaseURL.IsSet() {
		a.where.Store = "none: DATABASE_URL is not set, so videos cannot be queued again from here"
		return nil
	}
	return a.openStore(ctx)
}

// buildSwitches builds what pauses queues, if there is a store to close
// admission in.
func (a *App) buildSwitches(ctx context.Context) error {
	if a.store == nil {
		return nil
	}
	return a.buildQueues(ctx)
}

// monitoring is the dashboard, to be mounted.
func (a *App) monitoring() http.Handler {
	var rows *operate.Jobs
	if a.store != nil {
		rows = a.newJobs()
	}
	return dashboard.New(dashboard.Options{
		Redis: a.redis, DeadLetters: operate.NewDeadLetters(a.redis, rows), Queues: a.queues,
		ReadOnly: a.config.Dashboard.ReadOnly, Log: a.log,
		Actor: func(r *http.Request) store.Actor {
			return store.Actor{Who: people.CallerOf(r.Context()).Name + " at the dashboard", RequestID: api.RequestID(r.Context())}
		},
	})
}

// wake has this process' dispatcher look now. One without leaves it to the
// workers', which look four times a second.
func (a *App) wake() {
	if a.dispatcher != nil {
		a.dispatcher.Wake()
	}
}

// newDashboard is the server of a process that only shows the queues.
func (a *App) newDashboard() (*server, error) {
	listener, err := a.listen(a.config.Dashboard.Addr, "choose one with --addr")
	if err != nil {
		return nil, err
	}
	a.where.Dashboard = "http://" + listener.Addr().String() + dashboard.Path
	mux := http.NewServeMux()
	mux.Handle(dashboard.Path+"/", a.monitoring())
	mux.Handle("GET /{$}", http.RedirectHandler(dashboard.Path+"/", http.StatusSeeOther))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "alive\n") // the client may be gone
	})
	return a.newServer(listener, api.Chain(a.log, a.guard(dashboard.Path+"/", false), mux)), nil
}
