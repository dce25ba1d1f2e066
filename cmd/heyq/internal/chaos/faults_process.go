package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// workerFaults are what happens to a worker at any moment.
var workerFaults = []card{
	ofWorker("worker-kill9", 500*time.Millisecond, 4*time.Second, workerKill, workerStart),
	ofWorker("worker-kill9", 500*time.Millisecond, 4*time.Second, workerKill, workerStart),
	ofWorker("worker-sigterm", 500*time.Millisecond, 2*time.Second, workerTerm, workerStart),
	ofWorker("worker-sigterm", 500*time.Millisecond, 2*time.Second, workerTerm, workerStart),
	ofWorker("worker-sigstop", 6*time.Second, 20*time.Second, workerFreeze, workerThaw),
	ofWorker("worker-sigstop", time.Second, 4*time.Second, workerFreeze, workerThaw),
}

// processFaults are what happens to the other processes.
var processFaults = []card{
	onProcess("api-kill9", 0, killProcess),
	onProcess("api-sigterm", 0, termProcess),
	onProcess("scheduler-kill9", schedulers, killProcess),
}

func ofWorker(name string, least, most time.Duration, strike func(*child) (string, error), lift func(*child) error) card {
	return func(chance *rand.Rand, o Options) Fault {
		n := chance.IntN(o.Workers)
		return Fault{
			Name: name, On: workerName(n), For: between(chance, least, most),
			strike: func(_ context.Context, s *stage) (string, error) { return strike(s.workers[n]) },
			lift:   func(_ context.Context, s *stage) error { return lift(s.workers[n]) },
		}
	}
}

func workerKill(c *child) (string, error) {
	c.kill()
	return "", nil
}

func workerStart(c *child) error { return c.start() }

// stopPatience is how long a process may take to stop before it is killed. heyq
// promises to be gone within ten seconds.
const stopPatience = 15 * time.Second

func workerTerm(c *child) (string, error) {
	took, err := c.stop(stopPatience)
	return fmt.Sprintf("gone after %s", took.Round(time.Millisecond)), err
}

func workerFreeze(c *child) (string, error) {
	c.freeze()
	return "", nil
}

func workerThaw(c *child) error {
	c.thaw()
	return nil
}

// onProcess is a fault of the API, or of one of several schedulers.
func onProcess(name string, several int, strike func(*child) (string, error)) card {
	return func(chance *rand.Rand, _ Options) Fault {
		on, n := "api", 0
		if several > 0 {
			n = chance.IntN(several)
			on = schedulerName(n)
		}
		find := func(s *stage) *child {
			if several > 0 {
				return s.schedulers[n]
			}
			return s.api
		}
		return Fault{
			Name: name, On: on, For: between(chance, 300*time.Millisecond, 3*time.Second),
			strike: func(_ context.Context, s *stage) (string, error) { return strike(find(s)) },
			lift:   func(_ context.Context, s *stage) error { return find(s).start() },
		}
	}
}

func killProcess(c *child) (string, error) { return workerKill(c) }
func termProcess(c *child) (string, error) { return workerTerm(c) }
