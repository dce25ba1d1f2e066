package jobs

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// canary tells when Redis has lost what was dispatched: it came back empty, or
// another server answers, which may lack the last writes of the one before. The
// store remembers the epoch; a Redis with another one has lost something.
type canary struct {
	redis redis.UniversalClient
	store interface {
		SyncRedis(ctx context.Context, epoch string, moved bool) (lost bool, err error)
	}
	seen string
}

// check compares the epoch that was found with the one that this process saw
// last, and only where they differ asks the store. A process that has itself
// moved from one epoch to the next does not take another's word that all is
// well again: until now it may have sent to the former server.
func (c *canary) check(ctx context.Context, found string) error {
	if found == c.seen {
		return nil
	}
	if _, err := c.store.SyncRedis(ctx, found, c.seen != ""); err != nil {
		return err
	}
	if err := register(ctx, c.redis); err != nil {
		return err
	}
	c.seen = found
	return nil
}

// register names the queues in Redis: an asynq client does so once in its life,
// and an emptied Redis has forgotten it.
func register(ctx context.Context, r redis.UniversalClient) error {
	names := make([]any, len(Queues))
	for i, queue := range Queues {
		names[i] = string(queue)
	}
	if err := r.SAdd(ctx, queuesKey, names...).Err(); err != nil {
		return fmt.Errorf("register the queues: %w", err)
	}
	return nil
}
