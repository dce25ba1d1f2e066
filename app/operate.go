package app

import (
	"context"

	"heyq/operate"
)

// newJobs returns the jobs as operators see and change them. If this process
// has no media store, the files of what an operator deletes stay until
// store:sweep removes them.
func (a *App) newJobs() *operate.Jobs {
	o := operate.JobsOptions{Store: a.store, Redis: a.redis, Wake: a.wake, PricePerSecond: a.config.HeyGen.PricePerSecond}
	if a.live != nil {
		o.Moved = a.live.Hint
	}
	if a.media != nil {
		o.DeleteFiles = a.deleteFiles
	}
	return operate.NewJobs(o)
}

// deleteFiles deletes nothing in a media store that is another installation's.
func (a *App) deleteFiles(ctx context.Context, prefix string) error {
	if err := a.identity.Owns(ctx); err != nil {
		return err
	}
	return a.media.Delete(ctx, prefix)
}

// buildQueues builds what operators see and move of the queues, and what counts
// the work of this process for them.
func (a *App) buildQueues(context.Context) error {
	a.meter = operate.NewMeter(a.redis)
	a.queues = operate.NewQueues(operate.QueuesOptions{
		Redis: a.redis, Store: a.store, Meter: a.meter, Slots: a.config.HeyGen.Slots,
	})
	return nil
}
