package app

import (
	"context"
	"fmt"
	"time"

	"heyq/api"
	"heyq/internal/policy"
	"heyq/wire"
)

// checks are what /readyz asks, in each role. Unhealthy, and so a 503, is only
// what makes requests fail: the row is the truth, and is taken without Redis,
// HeyGen or the media store.
func (a *App) checks() []api.Check {
	heygen := cached(time.Minute, a.heygenHealth)
	lag := cached(lagLife, a.dispatchHealth)
	schedule := cached(lagLife, a.scheduleHealth)
	return []api.Check{
		{Name: "store", Probe: func(ctx context.Context) wire.Health {
			return health(a.store.Ping(ctx), wire.Unhealthy, a.where.Store)
		}},
		{Name: "redis", Silent: wire.Degraded, Probe: func(ctx context.Context) wire.Health {
			return health(a.redis.Ping(ctx).Err(), wire.Degraded, a.where.Redis)
		}},
		{Name: "heygen", Silent: wire.Degraded, Probe: a.unlessOpen(heygen)},
		{Name: "media", Silent: wire.Degraded, Probe: func(ctx context.Context) wire.Health {
			return health(a.media.Ping(policy.Watching(ctx)), wire.Degraded, a.where.Media)
		}},
		{Name: "dispatcher", Silent: wire.Degraded, Probe: lag},
		{Name: "scheduler", Silent: wire.Degraded, Probe: schedule},
		{Name: "disk", Silent: wire.Degraded, Probe: func(context.Context) wire.Health { return diskHealth(a.config) }},
	}
}

// lagLife is how long a look at the backlog serves: probes of many processes
// must not become its load.
const lagLife = 5 * time.Second

// heygenHealth asks who we are: it costs nothing and creates nothing.
func (a *App) heygenHealth(ctx context.Context) wire.Health {
	_, err := a.heygen.Users.Me(policy.Watching(ctx))
	return health(err, wire.Degraded, a.where.HeyGen)
}

func health(err error, bad wire.HealthStatus, good string) wire.Health {
	if err != nil {
		return wire.Health{Status: bad, Reason: fmt.Sprintf("%s: %v", good, err)}
	}
	return wire.Health{Status: wire.Healthy, Reason: good}
}
