package dispatch

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"heyq/jobs"
)

// queuesKey is asynq's set of all queues.
const queuesKey = "asynq:queues"

// Register names the queues in Redis: an asynq client does so once in its life,
// and an emptied Redis has forgotten it.
func Register(ctx context.Context, r redis.UniversalClient) error {
	names := make([]any, len(jobs.Queues))
	for i, queue := range jobs.Queues {
		names[i] = string(queue)
	}
	if err := r.SAdd(ctx, queuesKey, names...).Err(); err != nil {
		return fmt.Errorf("register the queues: %w", err)
	}
	return nil
}
