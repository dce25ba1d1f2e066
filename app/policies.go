package app

import (
	"context"
	"time"

	"heyq/config"
	"heyq/internal/policy"
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
