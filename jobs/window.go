package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"heyq/store"
)

// window bounds what waits in Redis. It is read from Redis at every pass and
// never counted here: a count of our own would drift.
type window struct {
	redis redis.UniversalClient
	most  int
}

// pending is what one look at Redis found.
type pending struct {
	rooms    map[store.Step]int // how many videos may still be sent
	analyses int
	epoch    string // the canary; empty where there is none
}

func (p pending) room(step store.Step) int { return p.rooms[step] }

// look reads the lengths of the queues and the canary in one round trip.
func (w *window) look(ctx context.Context) (pending, error) {
	pipe := w.redis.Pipeline()
	epoch := pipe.Get(ctx, canaryKey)
	lengths := map[Queue]*redis.IntCmd{}
	for _, kind := range dispatchedKinds {
		lengths[kind.Queue] = pipe.LLen(ctx, "asynq:{"+string(kind.Queue)+"}:pending")
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return pending{}, fmt.Errorf("look at the queues: %w", err)
	}
	p := pending{epoch: epoch.Val(), rooms: map[store.Step]int{}}
	for step, kind := range kindOf {
		p.rooms[step] = w.room(kind, lengths[kind.Queue].Val())
	}
	p.analyses = w.room(VideoAnalyze, lengths[AnalyticsQueue].Val())
	return p, nil
}

// room takes every waiting task for a full one: what is pending never exceeds
// the window, and is enough to keep the workers busy long before it is full.
func (w *window) room(kind Kind[VideoTask], tasks int64) int {
	return max(0, max(1, w.most/kind.Group)-int(tasks)) * kind.Group
}
