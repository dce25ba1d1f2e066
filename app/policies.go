package app

import (
	"context"
	"fmt"
	"time"

	"heyq/config"
	"heyq/internal/policy"
	"heyq/wire"
)

// longestPause is the longest pause before a call is made again in place. Longer
// ones are the row's.
const longestPause = 2 * time.Second

// openPolicies prepares what stands between this process and everything outside.
func (a *App) openPolicies(context.Context) error {
	a.policies = policy.New(policy.Options{
		Redis: a.redis, Log: a.log,
		Failures: a.config.Policy.BreakerFailures, Open: a.config.Policy.BreakerOpen,
	})
	return nil
}

// backoff is how the pauses between tries grow.
func backoff(p config.Policy) policy.Backoff {
	if p.RetryBackoff == "linear" {
		return policy.Linear(p.RetryPause, longestPause)
	}
	return policy.Exponential(p.RetryPause, longestPause)
}

// unlessOpen asks probe for HeyGen's health, unless the breaker knows that HeyGen
// is down: what a probe found a minute ago is worth less.
func (a *App) unlessOpen(probe func(context.Context) wire.Health) func(context.Context) wire.Health {
	return func(ctx context.Context) wire.Health {
		state, until, cause := a.policies.State("heygen")
		if state != policy.Open {
			return probe(ctx)
		}
		return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("%s is not called until %s, for it is down: %s",
			a.where.HeyGen, until.UTC().Format(time.TimeOnly), cause)}
	}
}
