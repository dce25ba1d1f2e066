package app

import (
	"context"
	"fmt"
	"time"

	"heyq/api"
	"heyq/internal/policy"
)

// checks are what /readyz asks, in each role. Unhealthy, and so a 503, is only
// what makes requests fail: the row is the truth, and is taken without Redis,
// HeyGen or the media store.
func (a *App) checks() []api.Check {
	heygen := cached(time.Minute, a.heygenHealth)
	lag := cached(lagLife, a.dispatchHealth)
	schedule := cached(lagLife, a.scheduleHealth)
	return []api.Check{
		{Name: "store", Probe: func(ctx context.Context) api.Health {
			return health(a.store.Ping(ctx), api.Unhealthy, a.where.Store)
		}},
		{Name: "redis", Silent: api.Degraded, Probe: func(ctx context.Context) api.Health {
			return health(a.redis.Ping(ctx).Err(), api.Degraded, a.where.Redis)
		}},
		{Name: "heygen", Silent: api.Degraded, Probe: a.unlessOpen(heygen)},
		{Name: "media", Silent: api.Degraded, Probe: func(ctx context.Context) api.Health {
			return health(a.media.Ping(policy.Watching(ctx)), api.Degraded, a.where.Media)
		}},
		{Name: "dispatcher", Silent: api.Degraded, Probe: lag},
		{Name: "scheduler", Silent: api.Degraded, Probe: schedule},
		{Name: "disk", Silent: api.Degraded, Probe: func(context.Context) api.Health { return diskHealth(a.config) }},
	}
}

// lagLife is how long a look at the backlog serves: probes of many processes
// must not become its load.
const lagLife = 5 * time.Second

// heygenHealth asks who we are: it costs nothing and creates nothing.
func (a *App) heygenHealth(ctx context.Context) api.Health {
	_, err := a.heygen.Users.Me(policy.Watching(ctx))
	return health(err, api.Degraded, a.where.HeyGen)
}

func health(err error, bad api.HealthStatus, good string) api.Health {
	if err != nil {
		return api.Health{Status: bad, Reason: fmt.Sprintf("%s: %v", good, err)}
	}
	return api.Health{Status: api.Healthy, Reason: good}
}
