package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// redisFaults are what happens to Redis and to the way there.
var redisFaults = []card{
	onRedis("redis-restart", 200*time.Millisecond, 2*time.Second, redisStop, redisStart),
	onRedis("redis-crash", 200*time.Millisecond, 2*time.Second, redisKill, redisStart),
	onRedis("redis-restart-empty", 200*time.Millisecond, 2*time.Second, redisKill, redisStartEmpty),
	onRedis("redis-flushall", 0, 0, redisFlush, nil),
	onRedis("redis-refuses", 2*time.Second, 10*time.Second, redisCut, redisMend),
	onRedis("redis-silent", 2*time.Second, 10*time.Second, redisSilent, redisHeal),
	onRedis("redis-replies-dropped", time.Second, 4*time.Second, redisRepliesDropped, redisHeal),
	onRedis("redis-resets", time.Second, 4*time.Second, redisResets, redisHeal),
	onRedis("redis-oom", 2*time.Second, 8*time.Second, redisFull, redisRoom),
	onRedis("redis-readonly", 2*time.Second, 8*time.Second, redisReplica, redisMaster),
}

type (
	strike = func(context.Context, *stage) error
	lift   = func(context.Context, *stage) error
)

// onRedis is a fault of Redis that lasts from least to most.
func onRedis(name string, least, most time.Duration, strike strike, lift lift) card {
	return on("redis", name, least, most, strike, lift)
}

func on(what, name string, least, most time.Duration, strike strike, lift lift) card {
	return func(chance *rand.Rand, _ Options) Fault {
		f := Fault{Name: name, On: what, lift: lift}
		if most > 0 {
			f.For = between(chance, least, most)
		}
		f.strike = func(ctx context.Context, s *stage) (string, error) { return "", strike(ctx, s) }
		return f
	}
}

func redisStop(_ context.Context, s *stage) error { return s.redis.Stop() }

func redisKill(_ context.Context, s *stage) error {
	s.redis.Kill()
	return nil
}

// patience bounds the start of a server whose port may be on loan for a moment.
const patience = 15 * time.Second

func redisStart(ctx context.Context, s *stage) error {
	return persist(ctx, patience, s.redis.Start)
}

// redisStartEmpty brings it back as one that never wrote anything down.
func redisStartEmpty(ctx context.Context, s *stage) error {
	if err := os.RemoveAll(s.path("redis", "appendonlydir")); err != nil {
		return err
	}
	return redisStart(ctx, s)
}

func redisFlush(ctx context.Context, s *stage) error { return s.redis.FlushAll(ctx) }

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

func (s *stage) setRedis(ctx context.Context, name, value string) error {
	client, err := s.redisClient()
	if err != nil {
		return err
	}
	defer client.Close()
	return client.ConfigSet(ctx, name, value).Err()
}

// redisReplica makes it a replica of a master that nobody can reach: it refuses
// to be written to, and keeps what it has.
func redisReplica(ctx context.Context, s *stage) error { return s.replicaOf(ctx, "127.0.0.1", "1") }

func redisMaster(ctx context.Context, s *stage) error { return s.replicaOf(ctx, "NO", "ONE") }

func (s *stage) replicaOf(ctx context.Context, host, port string) error {
	client, err := s.redisClient()
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Do(ctx, "REPLICAOF", host, port).Err(); err != nil {
		return fmt.Errorf("replica of %s %s: %w", host, port, err)
	}
	return nil
}
