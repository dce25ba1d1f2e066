package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"heyq/api"
)

// checks are what /readyz asks. Redis only degrades an API: the row is the
// truth, and is taken without it.
func (a *App) checks() []api.Check {
	heygen := &cached{life: time.Minute, probe: a.heygenHealth}
	return []api.Check{
		{Name: "store", Probe: func(ctx context.Context) api.Health {
			return health(a.store.Ping(ctx), api.Unhealthy, a.where.Store)
		}},
		{Name: "redis", Probe: func(ctx context.Context) api.Health {
			return health(a.redis.Ping(ctx).Err(), api.Degraded, a.where.Redis)
		}},
		{Name: "heygen", Probe: heygen.get},
		{Name: "media", Probe: func(ctx context.Context) api.Health {
			return health(a.media.Ping(ctx), api.Degraded, a.where.Media)
		}},
	}
}

// heygenHealth asks who we are: it costs nothing and creates nothing.
func (a *App) heygenHealth(ctx context.Context) api.Health {
	_, err := a.heygen.Users.Me(ctx)
	return health(err, api.Degraded, a.where.HeyGen)
}

func health(err error, bad api.HealthStatus, good string) api.Health {
	if err != nil {
		return api.Health{Status: bad, Reason: fmt.Sprintf("%s: %v", good, err)}
	}
	return api.Health{Status: api.Healthy, Reason: good}
}

// cached asks at most once in a lifetime.
type cached struct {
	life  time.Duration
	probe func(context.Context) api.Health

	mu   sync.Mutex
	last api.Health
	at   time.Time
}

func (c *cached) get(ctx context.Context) api.Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.at) > c.life {
		c.last, c.at = c.probe(ctx), time.Now()
	}
	return c.last
}
