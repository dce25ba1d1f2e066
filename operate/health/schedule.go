package health

import (
	"fmt"
	"time"

	"heyq/jobs"
	"heyq/wire"
)

// Run is the present condition of a scheduled job.
type Run struct {
	Job jobs.Entry
	Ran bool          // it has succeeded at all
	Ago time.Duration // since it last has; if it never has, since the alerts' first round
}

// Late reports whether the last run is older than it may be. A scheduler that starts
// counts the period anew, so almost two periods may pass; and the run may take its timeout.
func (r Run) Late() bool {
	most := FirstRun
	if r.Ran {
		most = 2 * r.Job.Every
	}
	return r.Ago > most+r.Job.Kind.Timeout
}

// Schedule is whether the scheduled jobs run.
func Schedule(runs []Run) wire.Health {
	var oldest time.Duration
	for _, r := range runs {
		name := r.Job.Kind.Name
		switch {
		case r.Late() && !r.Ran:
			return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("%s has never run: is a scheduler running?", name)}
		case r.Late():
			return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("%s has not run for %s, and is due each %s: is a scheduler running, is the queue %s paused?",
				name, r.Ago.Round(time.Second), r.Job.Every, r.Job.Kind.Queue)}
		case r.Ran:
			oldest = max(oldest, r.Ago)
		}
	}
	return wire.Health{Status: wire.Healthy, Reason: fmt.Sprintf("all of %d jobs ran in the last %s", len(runs), oldest.Round(time.Second))}
}
