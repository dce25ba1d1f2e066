package dispatch

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// redisEpoch tells when Redis has lost what was dispatched: it came back empty, or
// another server answers, which may lack the last writes of the one before. The
// store remembers the epoch; a Redis with another one has lost something.
type redisEpoch struct {
	redis redis.UniversalClient
	store interface {
		SyncRedis(ctx context.Context, epoch string, moved bool) (lost bool, err error)
	}
	seen string
}

// check compares the epoch that was found with the one that this process saw
// last, and only if they differ asks the store. A process that has itself
// moved from one epoch to the next does not take another's word that all is
// well again: until now it may have sent to the former server.
func (e *redisEpoch) check(ctx context.Context, found string) error {
	if found == e.seen {
		return nil
	}
	if _, err := e.store.SyncRedis(ctx, found, e.seen != ""); err != nil {
		return err
	}
	if err := Register(ctx, e.redis); err != nil {
		return err
	}
	e.seen = found
	return nil
}
