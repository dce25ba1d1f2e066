package app

import (
	"context"

	"heyq/jobs"
)

// buildQueues builds what operators see and move of the queues, and what counts
// the work of this process for them.
func (a *App) buildQueues(context.Context) error {
	a.meter = jobs.NewMeter(a.redis)
	a.queues = jobs.NewSwitchboard(jobs.SwitchboardOptions{
		Redis: a.redis, Store: a.store, Meter: a.meter, Slots: a.config.HeyGen.Slots,
	})
	return nil
}
