package jobs

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// canaryKey holds a random value as long as Redis keeps its data.
const canaryKey = "heyq:canary"

// canary tells when Redis came back empty. The store remembers the value; a
// Redis without it, or with another one, has lost what was dispatched.
type canary struct {
	redis redis.UniversalClient
	store interface {
		SyncRedis(ctx context.Context, epoch string) (lost bool, err error)
	}
	seen string
}

// check compares the value that was found with the one that this process saw
// last, and only where they differ asks the store.
func (c *canary) check(ctx context.Context, found string) error {
	if found != "" && found == c.seen {
		return nil
	}
	if found == "" {
		var err error
		if found, err = c.plant(ctx); err != nil {
			return err
		}
	}
	if _, err := c.store.SyncRedis(ctx, found); err != nil {
		return err
	}
	if err := c.register(ctx); err != nil {
		return err
	}
	c.seen = found
	return nil
}

// plant sets a new value unless somebody else has just done so.
func (c *canary) plant(ctx context.Context) (string, error) {
	if err := c.redis.SetNX(ctx, canaryKey, uuid.NewString(), 0).Err(); err != nil {
		return "", fmt.Errorf("set the canary: %w", err)
	}
	found, err := c.redis.Get(ctx, canaryKey).Result()
	if err != nil {
		return "", fmt.Errorf("read the canary: %w", err)
	}
	return found, nil
}

// register names the queues in Redis again: an asynq client does so once in
// its life, and an emptied Redis has forgotten it.
func (c *canary) register(ctx context.Context) error {
	names := make([]any, len(Queues))
	for i, queue := range Queues {
		names[i] = string(queue)
	}
	if err := c.redis.SAdd(ctx, "asynq:queues", names...).Err(); err != nil {
		return fmt.Errorf("register the queues: %w", err)
	}
	return nil
}
