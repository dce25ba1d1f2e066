package dispatch

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/jobs"
	"heyq/store"
)

// capacity bounds what waits in Redis. It is read from Redis at every pass and
// never counted here: a count of our own would drift.
type capacity struct {
	redis redis.UniversalClient
	most  int
}

// pending is what one look at Redis found.
type pending struct {
	rooms         map[store.Step]int // how many videos may still be sent
	analyses      int
	notifications int
	epoch         string // of the Redis that was looked at
}

func (p pending) room(step store.Step) int { return p.rooms[step] }

// probe reads the lengths of the queues, and the epoch beside each, in one
// round trip. Every part must answer: in a Redis Cluster they are on different
// servers, and a queue that could not be read is not an empty one.
func (c *capacity) probe(ctx context.Context) (pending, error) {
	pipe := c.redis.Pipeline()
	fresh := uuid.NewString()
	answers := make([]*redis.Cmd, len(queueProbes))
	for i, p := range queueProbes {
		answers[i] = probe.Eval(ctx, pipe, []string{p.epochKey, p.list}, fresh)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return pending{}, fmt.Errorf("look at the queues: %w", err)
	}
	data, lengths := make([]string, len(queueProbes)), map[jobs.Queue]int{}
	for i, p := range queueProbes {
		var err error
		if data[i], lengths[p.queue], err = seen(answers[i]); err != nil {
			return pending{}, fmt.Errorf("look at %s: %w", p.list, err)
		}
	}
	p := pending{epoch: epochOf(data), rooms: map[store.Step]int{}}
	for step, kind := range jobs.StepKinds {
		p.rooms[step] = c.room(kind.Group, lengths[kind.Queue])
	}
	p.analyses = c.room(jobs.VideoAnalyze.Group, lengths[jobs.AnalyticsQueue])
	p.notifications = c.room(jobs.NotifyDeliver.Group, lengths[jobs.NotifyQueue])
	return p, nil
}

// room takes every waiting task for a full one: what is pending never exceeds
// the window, and is enough to keep the workers busy long before it is full.
func (c *capacity) room(group, tasks int) int {
	return max(0, max(1, c.most/group)-tasks) * group
}
