package health

import (
	"context"
	"fmt"
	"time"

	"heyq/internal/ttlcache"
	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
)

// Check asks for the health of one thing that heyq needs. Probe should return
// when its context ends; one that does not is given up.
type Check struct {
	Name   string
	Probe  func(context.Context) wire.Health
	Silent wire.HealthStatus // what it is if it gives no answer in time; default Unhealthy
}

// Part is something that /readyz looks for. Ping fails if it is not there.
type Part struct {
	At   string // where it is, for people
	Ping func(context.Context) error
}

// Parts are what /readyz asks.
type Parts struct {
	Store, Redis, HeyGen, Media Part
	Rows                        interface {
		Backlog(ctx context.Context) (store.Backlog, error)
		SinceRun(ctx context.Context, name string) (ago time.Duration, ran bool, err error)
	}
	HeyGenDown func() (why string) // is asked before HeyGen; empty: nothing is known against it
	Folders    []string            // as Folders takes them
	Database   bool
	FreeDisk   int64
	Started    time.Time // of this process
}

// Checks are what /readyz asks, in each role. Only what makes requests fail is
// unhealthy, and so a 503: a request needs the database, and is taken without Redis,
// HeyGen or the media store.
func Checks(p Parts) []Check {
	ping := func(q Question, part Part) func(context.Context) wire.Health {
		return func(ctx context.Context) wire.Health { return q.Answers(part.Ping(ctx), part.At) }
	}
	heygen := cached(time.Minute, ping(HeyGen, p.HeyGen))
	list := []Check{
		{Name: Store.Check, Probe: ping(Store, p.Store)},
		{Name: Redis.Check, Probe: ping(Redis, p.Redis)},
		{Name: HeyGen.Check, Probe: func(ctx context.Context) wire.Health {
			if why := p.HeyGenDown(); why != "" { // what was found a minute ago is worth less
				return wire.Health{Status: wire.Degraded, Reason: p.HeyGen.At + " " + why}
			}
			return heygen(ctx)
		}},
		{Name: Media.Check, Probe: ping(Media, p.Media)},
		{Name: QueueAge.Check, Probe: cached(rowsLife, p.dispatch)},
		{Name: ScheduledJobLate.Check, Probe: cached(rowsLife, p.schedule)},
		{Name: DiskLow.Check, Probe: func(context.Context) wire.Health { return Folders(p.Folders, p.Database, p.FreeDisk) }},
	}
	for i := range list[1:] {
		list[1+i].Silent = wire.Degraded
	}
	return list
}

// rowsLife is how long a reading of the rows serves, so that the probes of many
// processes do not load the database.
const rowsLife = 5 * time.Second

func (p Parts) dispatch(ctx context.Context) wire.Health {
	backlog, err := p.Rows.Backlog(ctx)
	if err != nil {
		return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("the backlog cannot be read: %v", err)}
	}
	return Dispatch(backlog, Never) // what is late makes no request fail
}

func (p Parts) schedule(ctx context.Context) wire.Health {
	var runs []Run
	for _, job := range jobs.Schedule {
		ago, ran, err := p.Rows.SinceRun(ctx, job.Kind.Name)
		if err != nil {
			return wire.Health{Status: wire.Degraded, Reason: fmt.Sprintf("the last runs cannot be read: %v", err)}
		}
		if !ran {
			ago = time.Since(p.Started)
		}
		runs = append(runs, Run{Job: job, Ran: ran, Ago: ago})
	}
	return Schedule(runs)
}

// askTime is how long an answer is waited for.
const askTime = 10 * time.Second

// cached runs probe at most once in a life, however many ask. Its answer says how long
// the probe took, or that it took too long.
func cached(life time.Duration, probe func(context.Context) wire.Health) func(context.Context) wire.Health {
	answer := ttlcache.New(life, askTime, func(ctx context.Context) (wire.Health, error) {
		start := time.Now()
		h := probe(ctx)
		h.LatencyMS = float64(time.Since(start).Microseconds()) / 1000
		return h, nil
	})
	return func(ctx context.Context) wire.Health {
		h, at := answer.Get(ctx)
		if at.IsZero() || time.Since(at) > life {
			return wire.Health{Status: wire.Degraded, Reason: "has given no answer yet"}
		}
		return h
	}
}
