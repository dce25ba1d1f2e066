package endpoint

import (
	"context"
	"time"

	"heyq/internal/heygenhook"
	"heyq/internal/logkey"
)

// How often Run looks whether the endpoint still works, and how long it waits
// after a failure.
const (
	recheck   = time.Hour
	firstWait = 5 * time.Second
	longWait  = 10 * time.Minute
)

// Run keeps heyq's own address registered until ctx ends. Nothing waits for the
// registration: until HeyGen delivers, renders are looked at as if there were
// no webhooks. Run logs the first failure of several, and each new
// registration.
func (r *Registry) Run(ctx context.Context) error {
	var last heygenhook.Endpoint
	failed, wait := false, firstWait
	for {
		e, err := r.Register(ctx, "")
		pause := recheck
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if !failed {
				r.Log.Warn().Err(err).Str(logkey.URL, r.URL).Msg("the webhook is not registered with HeyGen; it is tried again")
			}
			failed, pause, wait = true, wait, min(2*wait, longWait)
		default:
			if failed || e.ID != last.ID {
				r.Log.Info().Str(logkey.URL, r.URL).Str(logkey.Endpoint, e.ID).Msg("the webhook is registered with HeyGen")
			}
			failed, wait, last = false, firstWait, e
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}
