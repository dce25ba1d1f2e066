package app

import (
	"context"
	"fmt"
	"time"

	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
)

// dispatchLate is how long something may be due before somebody is to look. A
// dispatcher looks four times a second and rests a second after a failure; what
// is due for half a minute is dispatched by nobody, or waits for workers that
// cannot keep up.
const dispatchLate = 30 * time.Second

func (a *App) dispatchHealth(ctx context.Context) wire.Health {
	backlog, err := a.store.Backlog(ctx)
	if err != nil {
		return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("the backlog cannot be read: %v", err)}
	}
	return dispatchHealth(backlog)
}

func dispatchHealth(b store.Backlog) wire.Health {
	latest := b.Latest()
	if latest.Lag < dispatchLate {
		return wire.Health{Status: wire.Healthy, Reason: "nothing is due for longer than " + dispatchLate.String()}
	}
	return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf(
		"%d are due in %s and not dispatched, one for %s: is a worker running, is Redis there, is the queue paused?",
		latest.Overdue, latest.Queue, latest.Lag.Round(time.Second))}
}

// firstRun is how long a job may never have run: a scheduler enqueues at its
// start what was missed, and what never ran.
const firstRun = 5 * time.Minute

// scheduleLate is how old a job's last run may be. A scheduler that starts counts
// its period anew and so lets almost two pass; the run itself may take its
// timeout.
func scheduleLate(e jobs.Entry) time.Duration { return 2*e.Every + e.Kind.Timeout }

func (a *App) scheduleHealth(ctx context.Context) wire.Health {
	var oldest time.Duration
	for _, e := range jobs.Schedule {
		ago, ran, err := a.store.SinceRun(ctx, e.Kind.Name)
		switch {
		case err != nil:
			return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("the last runs cannot be read: %v", err)}
		case !ran && time.Since(a.started) > firstRun:
			return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("%s has never run: is a scheduler running?", e.Kind.Name)}
		case ran && ago > scheduleLate(e):
			return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("%s has not run for %s, and is due each %s: is a scheduler running, is the queue %s paused?",
				e.Kind.Name, ago.Round(time.Second), e.Every, e.Kind.Queue)}
		}
		oldest = max(oldest, ago)
	}
	return wire.Health{Status: wire.Healthy, Reason: fmt.Sprintf("all of %d jobs ran in the last %s", len(jobs.Schedule), oldest.Round(time.Second))}
}
