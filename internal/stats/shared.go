package stats

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// How processes find each other in Redis: a set of their names, and beside it
// what each of them counted, which is forgotten when it is not renewed. All keys
// have one hash tag, so that a Redis Cluster answers one command for all. The
// number is the version of what is written there.
const (
	sharedKey   = "heyq:{stats:1}"
	publishTime = 5 * time.Second
	lifetime    = 30 * time.Second
)

// Shared shows the other processes what this one counted, and reads what all of
// them counted. It is safe for concurrent use.
type Shared struct {
	recorder *Recorder
	redis    redis.UniversalClient
	id       string
}

// NewShared shares what r counts under a name that no other process has, on a
// Redis client that the caller closes.
func NewShared(r *Recorder, client redis.UniversalClient, id string) *Shared {
	return &Shared{recorder: r, redis: client, id: id}
}

// Run shows what this process counted every few seconds until ctx ends, and once
// more then. Redis may be away: what was counted is shown when it is back.
func (s *Shared) Run(ctx context.Context) error {
	ticker := time.NewTicker(publishTime)
	defer ticker.Stop()
	for {
		_ = s.publish(ctx) // its readers say that Redis is away
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = s.publish(last)
			return nil
		case <-ticker.C:
		}
	}
}

// publish shows what this process counted until now.
func (s *Shared) publish(ctx context.Context) error {
	encoded, err := s.recorder.snapshot().encode()
	if err != nil {
		return fmt.Errorf("encode statistics: %w", err)
	}
	_, err = s.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.SAdd(ctx, sharedKey, s.id)
		p.Set(ctx, s.key(s.id), encoded, lifetime)
		return nil
	})
	if err != nil {
		return fmt.Errorf("publish statistics: %w", err)
	}
	return nil
}

func (s *Shared) key(id string) string { return sharedKey + ":" + id }

// Own sums up what this process did, and says since when.
func (s *Shared) Own() (Summary, time.Time) { return s.recorder.Summary(), s.recorder.since }

// Summary sums up what all processes did that are running, or ended within the
// last half minute, each since its own begin, and says how many they are. What
// others did is known as it was some seconds ago.
func (s *Shared) Summary(ctx context.Context) (sum Summary, processes int, err error) {
	all, err := s.all(ctx)
	if err != nil {
		return Summary{}, 0, err
	}
	merged := snapshot{}
	for _, one := range all {
		merged.merge(one)
	}
	return merged.summary(), len(all), nil
}

// CountsByProcess is what each process counted since its begin, by its name, which
// no other one has, before or after it.
func (s *Shared) CountsByProcess(ctx context.Context) (map[string]map[Type]Counts, error) {
	all, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]map[Type]Counts, len(all))
	for id, one := range all {
		counts[id] = one.counts()
	}
	return counts, nil
}

// all reads what each process has counted. For this process it returns the
// counts of this moment, which are not read from Redis.
func (s *Shared) all(ctx context.Context) (map[string]snapshot, error) {
	ids, err := s.redis.SMembers(ctx, sharedKey).Result()
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	all := map[string]snapshot{s.id: s.recorder.snapshot()}
	if len(ids) == 0 {
		return all, nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = s.key(id)
	}
	values, err := s.redis.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, fmt.Errorf("read the processes' statistics: %w", err)
	}
	var ended []any
	for i, value := range values {
		encoded, ok := value.(string)
		switch {
		case !ok:
			ended = append(ended, ids[i])
		case ids[i] != s.id:
			if all[ids[i]], err = decode([]byte(encoded)); err != nil {
				return nil, err
			}
		}
	}
	if len(ended) > 0 {
		// One that is not at its end names itself again within seconds.
		_ = s.redis.SRem(ctx, sharedKey, ended...).Err()
	}
	return all, nil
}

// Processes says how many processes show what they count, or did so within the
// last half minute. It costs less than Summary.
func (s *Shared) Processes(ctx context.Context) (int, error) {
	ids, err := s.redis.SMembers(ctx, sharedKey).Result()
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = s.key(id)
	}
	n, err := s.redis.Exists(ctx, keys...).Result()
	return int(n), err
}
