package app

import (
	"context"

	"heyq/jobs"
)

// newBoard returns what operators see the jobs on. A process without a media
// store leaves the files of what they delete to store:sweep.
func (a *App) newBoard() *jobs.Board {
	o := jobs.BoardOptions{Store: a.store, Redis: a.redis, Wake: a.wake, PricePerSecond: a.config.HeyGen.PricePerSecond}
	if a.media != nil {
		o.DeleteFiles = func(ctx context.Context, prefix string) error {
			if err := a.identity.Owns(ctx); err != nil {
				return err
			}
			return a.media.Delete(ctx, prefix)
		}
	}
	return jobs.NewBoard(o)
}
