package chaos

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// inRedis lists the tasks that are left though no row needs them, and locks that
// will never be opened. known counts those that asynq is going to look at, and
// then drops: active ones of a dead worker, whose leases run out, and retries.
func inRedis(ctx context.Context, client *redis.Client) (left []string, known int, err error) {
	keys, err := client.Keys(ctx, "asynq:{*").Result()
	if err != nil {
		return nil, 0, fmt.Errorf("list Redis' keys: %w", err)
	}
	for _, key := range keys {
		queue, part, _ := strings.Cut(key, "}:")
		var lost, found int64
		switch {
		case part == "pending":
			lost, err = client.LLen(ctx, key).Result()
		case part == "scheduled", part == "archived": // a messenger of rows is never a dead letter
			lost, err = client.ZCard(ctx, key).Result()
		case part == "retry":
			lost, found, err = retries(ctx, client, key)
		case part == "active":
			lost, found, err = active(ctx, client, key, queue+"}:lease")
		case strings.HasPrefix(part, "unique:") && queue != "asynq:{maintenance" && queue != "asynq:{watch":
			lost = 1
		}
		if err != nil {
			return nil, 0, fmt.Errorf("look at %s: %w", key, err)
		}
		if known += int(found); lost > 0 {
			left = append(left, fmt.Sprintf("%s holds %d", key, lost))
		}
	}
	return left, known, nil
}

// soon is when a retry must be due; asynq's are at most a minute apart here.
const soon = 2 * time.Minute

func retries(ctx context.Context, client *redis.Client, key string) (lost, known int64, err error) {
	known, err = client.ZCount(ctx, key, "-inf", strconv.FormatInt(time.Now().Add(soon).Unix(), 10)).Result()
	if err != nil {
		return 0, 0, err
	}
	all, err := client.ZCard(ctx, key).Result()
	return all - known, known, err
}

// active tells the tasks with a lease from those that no worker will ever find.
func active(ctx context.Context, client *redis.Client, key, leases string) (lost, known int64, err error) {
	ids, err := client.LRange(ctx, key, 0, -1).Result()
	if err != nil {
		return 0, 0, err
	}
	for _, id := range ids {
		err := client.ZScore(ctx, leases, id).Err()
		switch {
		case errors.Is(err, redis.Nil):
			lost++
		case err != nil:
			return 0, 0, err
		default:
			known++
		}
	}
	return lost, known, nil
}
