package app

import (
	"context"
	"fmt"
	"time"

	"heyq/api"
	"heyq/internal/policy"
	"heyq/jobs"
	"heyq/operate/health"
	"heyq/wire"
)

// checks are what /readyz asks, in each role. Unhealthy, and so a 503, is only
// what makes requests fail: the row is the truth, and is taken without Redis,
// HeyGen or the media store.
func (a *App) checks() []api.Check {
	asked := func(q health.Question, probe func(context.Context) wire.Health) api.Check {
		c := api.Check{Name: q.Check, Probe: probe}
		if q.Check != health.Store.Check {
			c.Silent = wire.Degraded
		}
		return c
	}
	return []api.Check{
		asked(health.Store, func(ctx context.Context) wire.Health {
			return health.Store.Answers(a.store.Ping(ctx), a.where.Store)
		}),
		asked(health.Redis, func(ctx context.Context) wire.Health {
			return health.Redis.Answers(a.redis.Ping(ctx).Err(), a.where.Redis)
		}),
		asked(health.HeyGen, a.unlessOpen(cached(time.Minute, a.heygenHealth))),
		asked(health.Media, func(ctx context.Context) wire.Health {
			return health.Media.Answers(a.media.Ping(policy.Watching(ctx)), a.where.Media)
		}),
		asked(health.QueueAge, cached(lagLife, a.dispatchHealth)),
		asked(health.ScheduledJobLate, cached(lagLife, a.scheduleHealth)),
		asked(health.DiskLow, func(context.Context) wire.Health {
			return health.Folders(a.config.Folders(), !a.config.Store.DatabaseURL.IsSet(), int64(a.config.Alert.FreeDisk))
		}),
	}
}

// lagLife is how long a look at the backlog serves: probes of many processes
// must not become its load.
const lagLife = 5 * time.Second

// heygenHealth asks who we are: it costs nothing and creates nothing.
func (a *App) heygenHealth(ctx context.Context) wire.Health {
	_, err := a.heygen.Users.Me(policy.Watching(ctx))
	return health.HeyGen.Answers(err, a.where.HeyGen)
}

func (a *App) dispatchHealth(ctx context.Context) wire.Health {
	backlog, err := a.store.Backlog(ctx)
	if err != nil {
		return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("the backlog cannot be read: %v", err)}
	}
	return health.Dispatch(backlog, health.Never) // what is late makes no request fail
}

func (a *App) scheduleHealth(ctx context.Context) wire.Health {
	var runs []health.Run
	for _, job := range jobs.Schedule {
		ago, ran, err := a.store.SinceRun(ctx, job.Kind.Name)
		if err != nil {
			return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("the last runs cannot be read: %v", err)}
		}
		if !ran {
			ago = time.Since(a.started)
		}
		runs = append(runs, health.Run{Job: job, Ran: ran, Ago: ago})
	}
	return health.Schedule(runs)
}
