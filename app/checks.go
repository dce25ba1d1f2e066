package app

import (
	"context"
	"fmt"
	"time"

	"heyq/internal/policy"
	"heyq/operate/health"
)

// checks are what /readyz asks.
func (a *App) checks() []health.Check {
	return health.Checks(health.Parts{
		Store: health.Part{At: a.where.Store, Ping: a.store.Ping},
		Redis: health.Part{At: a.where.Redis, Ping: func(ctx context.Context) error { return a.redis.Ping(ctx).Err() }},
		HeyGen: health.Part{At: a.where.HeyGen, Ping: func(ctx context.Context) error { // it costs nothing and creates nothing
			_, err := a.heygen.Users.Me(policy.Watching(ctx))
			return err
		}},
		Media:      health.Part{At: a.where.Media, Ping: func(ctx context.Context) error { return a.media.Ping(policy.Watching(ctx)) }},
		Rows:       a.store,
		HeyGenDown: a.heygenDown,
		Folders:    a.config.Folders(), Database: !a.config.Store.DatabaseURL.IsSet(), FreeDisk: int64(a.config.Alert.FreeDisk),
		Started: a.started,
	})
}

// heygenDown says why HeyGen is not called, if the breaker knows that it is down.
func (a *App) heygenDown() string {
	state, until, cause := a.policies.State("heygen")
	if state != policy.Open {
		return ""
	}
	return fmt.Sprintf("is not called until %s, for it is down: %s", until.UTC().Format(time.TimeOnly), cause)
}
