package chaos

import (
	"context"
	"math/rand/v2"
	"time"
)

// diskFaults are what happens to the disk that everything of a machine lies on,
// and so to the machine.
var diskFaults = []card{
	onDisk("power-cut", outage, powerCut, boot),
	onDisk("disk-full", outage, diskFull, diskRoom),
	onDisk("disk-slow", outage, diskSlow, diskFast),
}

// machine is what such a fault happens to: nothing else of this machine is broken
// meanwhile.
const machine = "machine"

// leftOut says that a fault could not be had here.
const leftOut = "left out: no disk of its own"

func onDisk(name string, lasts span, strike, lift act) card {
	return func(chance *rand.Rand, _ Options) Fault {
		return Fault{
			Name: name, On: machine, For: lasts.pick(chance),
			strike: func(ctx context.Context, s *stage, hit *Strike) error {
				if s.disk == nil {
					hit.Said = leftOut
					return nil
				}
				return strike(ctx, s)
			},
			lift: func(ctx context.Context, s *stage) error {
				if s.disk == nil {
					return nil
				}
				return lift(ctx, s)
			},
		}
	}
}

// powerCut ends everything, and what was not flushed is gone.
func powerCut(_ context.Context, s *stage) error {
	return s.disk.Cut(func() {
		for _, c := range s.children() {
			c.kill()
		}
		s.redis.Kill()
		s.postgres.Kill()
	})
}

// boot starts everything again.
func boot(ctx context.Context, s *stage) error {
	if err := redisStart(ctx, s); err != nil {
		return err
	}
	if err := postgresStart(ctx, s); err != nil {
		return err
	}
	for _, c := range s.children() {
		if err := c.start(); err != nil {
			return err
		}
	}
	return nil
}

func diskFull(_ context.Context, s *stage) error { return s.disk.Fill() }

// diskRoom makes room, and starts the servers again that have given up, as an
// operator who is on call would. A Redis that flushes each command ends at the
// first that it cannot.
func diskRoom(ctx context.Context, s *stage) error {
	if err := s.disk.Empty(); err != nil {
		return err
	}
	if err := persist(ctx, 5*time.Second, s.db.Ping); err != nil {
		s.postgres.Kill()
		if err := postgresStart(ctx, s); err != nil {
			return err
		}
	}
	if err := persist(ctx, 5*time.Second, s.pingRedis); err != nil {
		s.redis.Kill()
		return redisStart(ctx, s)
	}
	return nil
}

// stalls is for how long a slow disk stands still each time.
const stalls = 500 * time.Millisecond

func diskSlow(_ context.Context, s *stage) error {
	s.diskFast = s.disk.Stall(stalls)
	return nil
}

func diskFast(_ context.Context, s *stage) error { return s.diskFast() }
