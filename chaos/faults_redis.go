package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisFaults are what happens to Redis and to the way there.
var redisFaults = []card{
	onRedis("redis-restart", blink, redisStop, redisStart),
	onRedis("redis-crash", blink, redisKill, redisStart),
	onRedis("redis-restart-empty", blink, redisKill, redisStartEmpty),
	onRedis("redis-flushall", span{}, redisFlush, nil),
	onRedis("redis-refuses", outage, redisCut, redisMend),
	onRedis("redis-silent", outage, redisSilent, redisHeal),
	onRedis("redis-replies-dropped", moment, redisRepliesDropped, redisHeal),
	onRedis("redis-resets", moment, redisResets, redisHeal),
	onRedis("redis-oom", outage, redisFull, redisRoom),
	onRedis("redis-readonly", outage, redisReplica, redisMaster),
}

// How long the faults of a server last.
var (
	blink  = span{200 * time.Millisecond, 2 * time.Second}
	moment = span{time.Second, 4 * time.Second}
	outage = span{2 * time.Second, 10 * time.Second}
)

func onRedis(name string, lasts span, strike, lift act) card {
	return ofServer("redis", name, lasts, strike, lift)
}

// act is what is done to the stage.
type act func(context.Context, *stage) error

// ofServer is a fault of Redis or Postgres. Without a span it is over as soon
// as it has struck.
func ofServer(server, name string, lasts span, strike, lift act) card {
	return func(chance *rand.Rand, _ Options) Fault {
		f := Fault{Name: name, On: server, lift: lift}
		if lasts.most > 0 {
			f.For = lasts.pick(chance)
		}
		f.strike = func(ctx context.Context, s *stage, _ *Strike) error { return strike(ctx, s) }
		return f
	}
}

func redisStop(_ context.Context, s *stage) error { return s.redis.Stop() }

func redisKill(_ context.Context, s *stage) error {
	s.redis.Kill()
	return nil
}

// patience bounds the start of a server, whose port may be on loan for a moment, and
// which may have to recover on a busy machine.
const patience = time.Minute

func redisStart(ctx context.Context, s *stage) error {
	return persist(ctx, patience, s.redis.Start)
}

// redisStartEmpty brings it back as one that never wrote anything down.
func redisStartEmpty(ctx context.Context, s *stage) error {
	if err := os.RemoveAll(s.place(onDiskRedis, "redis", "appendonlydir")); err != nil {
		return err
	}
	if err := redisStart(ctx, s); err != nil {
		return err
	}
	return s.plantTask(ctx)
}

func redisFlush(ctx context.Context, s *stage) error {
	if err := onceLoaded(ctx, func() error { return s.redis.FlushAll(ctx) }); err != nil {
		return err
	}
	return s.plantTask(ctx)
}

func redisCut(_ context.Context, s *stage) error {
	s.toRedis.cut()
	return nil
}

func redisMend(ctx context.Context, s *stage) error { return s.toRedis.mend(ctx) }

func redisSilent(_ context.Context, s *stage) error { return s.toRedis.swallow(upstream) }

func redisRepliesDropped(_ context.Context, s *stage) error { return s.toRedis.swallow(downstream) }

func redisResets(_ context.Context, s *stage) error { return s.toRedis.reset(downstream) }

func redisHeal(ctx context.Context, s *stage) error { return s.toRedis.heal(ctx) }

func redisFull(ctx context.Context, s *stage) error { return s.setRedis(ctx, "maxmemory", "1") }

func redisRoom(ctx context.Context, s *stage) error { return s.setRedis(ctx, "maxmemory", "0") }

func (s *stage) pingRedis(ctx context.Context) error {
	client, err := s.redisClient()
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Ping(ctx).Err()
}

func (s *stage) setRedis(ctx context.Context, name, value string) error {
	client, err := s.redisClient()
	if err != nil {
		return err
	}
	defer client.Close()
	return onceLoaded(ctx, func() error { return client.ConfigSet(ctx, name, value).Err() })
}

// redisReplica makes it a replica of a master that cannot be reached: it
// refuses to be written to, and keeps what it has.
func redisReplica(ctx context.Context, s *stage) error { return s.replicaOf(ctx, "127.0.0.1", "1") }

func redisMaster(ctx context.Context, s *stage) error { return s.replicaOf(ctx, "NO", "ONE") }

func (s *stage) replicaOf(ctx context.Context, host, port string) error {
	client, err := s.redisClient()
	if err != nil {
		return err
	}
	defer client.Close()
	return onceLoaded(ctx, func() error {
		if err := client.Do(ctx, "REPLICAOF", host, port).Err(); err != nil {
			return fmt.Errorf("replica of %s %s: %w", host, port, err)
		}
		return nil
	})
}

// onceLoaded gives an order to a Redis that may still be reading its data after
// another fault, and takes none meanwhile.
func onceLoaded(ctx context.Context, order func() error) error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := order()
		if !redis.IsLoadingError(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-ticker.C:
		}
	}
}
