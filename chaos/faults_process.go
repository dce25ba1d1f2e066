package chaos

import (
	"context"
	"math/rand/v2"
	"time"
)

// workerFaults are what happens to a worker, at any moment or at a chosen one.
var workerFaults = []card{
	ofWorker("worker-kill9", short, kill, start),
	ofWorker("worker-kill9-before-create", short, killAt(beforeCreate), start),
	ofWorker("worker-kill9-after-accept", short, killAt(afterAccept), start),
	ofWorker("worker-kill9-after-row", short, killAt(afterRow), start),
	ofWorker("worker-kill9-mid-download", short, killAt(midDownload), start),
	ofWorker("worker-kill9-after-file", short, killAt(afterFile), start),
	ofWorker("worker-sigterm", short, term, start),
	ofWorker("worker-sigstop", span{6 * time.Second, 20 * time.Second}, freeze, thaw),
	ofWorker("worker-sigstop", span{time.Second, 4 * time.Second}, freeze, thaw),
}

// processFaults are what happens to the other processes.
var processFaults = []card{
	ofProcess("api-kill9", theAPI, kill),
	ofProcess("api-sigterm", theAPI, term),
	ofProcess("scheduler-kill9", aScheduler, kill),
	ofProcess("scheduler-sigterm", aScheduler, term),
}

// span is from the least to the most that something may last.
type span struct{ least, most time.Duration }

func (s span) pick(chance *rand.Rand) time.Duration { return between(chance, s.least, s.most) }

// short is how long a process is away before it is started again.
var short = span{500 * time.Millisecond, 4 * time.Second}

// blow is what happens to a process.
type blow func(ctx context.Context, s *stage, c *child, hit *Strike) error

// ofWorker is a fault of one of the workers.
func ofWorker(name string, lasts span, strike blow, lift func(*child) error) card {
	return func(chance *rand.Rand, o Options) Fault {
		n := chance.IntN(o.Workers)
		return Fault{
			Name: name, On: workerName(n), For: lasts.pick(chance),
			strike: func(ctx context.Context, s *stage, hit *Strike) error { return strike(ctx, s, s.workers[n], hit) },
			lift:   func(_ context.Context, s *stage) error { return lift(s.workers[n]) },
		}
	}
}

// ofProcess is the end of another process, and its new beginning.
func ofProcess(name string, choose func(*rand.Rand) chosen, strike blow) card {
	return func(chance *rand.Rand, _ Options) Fault {
		c := choose(chance)
		return Fault{
			Name: name, On: c.name, For: short.pick(chance),
			strike: func(ctx context.Context, s *stage, hit *Strike) error { return strike(ctx, s, c.of(s), hit) },
			lift:   func(_ context.Context, s *stage) error { return c.of(s).start() },
		}
	}
}

// chosen is a process, before there is a stage.
type chosen struct {
	name string
	of   func(*stage) *child
}

func theAPI(*rand.Rand) chosen { return chosen{"api", func(s *stage) *child { return s.api }} }

func aScheduler(chance *rand.Rand) chosen {
	n := chance.IntN(schedulers)
	return chosen{schedulerName(n), func(s *stage) *child { return s.schedulers[n] }}
}

func kill(_ context.Context, _ *stage, c *child, _ *Strike) error {
	c.kill()
	return nil
}

// stopPatience is how long a process may take to stop before it is killed. heyq
// promises to be gone within ten seconds.
const stopPatience = 15 * time.Second

const goneAfter = "gone after "

func term(_ context.Context, _ *stage, c *child, hit *Strike) error {
	took, err := c.stop(stopPatience)
	hit.Said = goneAfter + took.Round(time.Millisecond).String()
	return err
}

func freeze(_ context.Context, _ *stage, c *child, _ *Strike) error {
	c.freeze()
	return nil
}

func start(c *child) error { return c.start() }

func thaw(c *child) error {
	c.thaw()
	return nil
}
