package people

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"heyq/store"
)

const (
	cacheLife = 600 * time.Second
	// loadTime is how long reading a user from the store may take. goneLife is how long
	// the empty value of a change stays: longer than any reading that began before the
	// change, so that none of them can keep what it read.
	loadTime = 5 * time.Second
	goneLife = 3 * loadTime
	// redisTime is what a request waits for Redis, and redisPause for how long no
	// request asks a Redis that did not answer.
	redisTime  = 250 * time.Millisecond
	redisPause = time.Second
)

// cache keeps users in Redis under user:<id>. An empty value says that the user was
// changed a moment ago: it is read from the store, and not kept. A Redis that is away
// fails no request.
type cache struct {
	redis redis.UniversalClient
	loads singleflight.Group
	away  atomic.Int64 // until when Redis is not asked, in nanoseconds since 1970
}

func newCache(r redis.UniversalClient) *cache { return &cache{redis: r} }

func keyOf(id uuid.UUID) string { return "user:" + id.String() }

// get returns the user that is kept, or what load gives. Requests that wait for the same
// user share one load.
func (c *cache) get(ctx context.Context, id uuid.UUID, load func(context.Context) (store.User, error)) (store.User, error) {
	if u, ok := c.kept(ctx, id); ok {
		return u, nil
	}
	loading := c.loads.DoChan(id.String(), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTime)
		defer cancel()
		u, err := load(ctx)
		if err == nil {
			c.keep(ctx, u)
		}
		return u, err
	})
	select {
	case loaded := <-loading:
		u, _ := loaded.Val.(store.User)
		return u, loaded.Err
	case <-ctx.Done():
		return store.User{}, ctx.Err()
	}
}

func (c *cache) kept(ctx context.Context, id uuid.UUID) (u store.User, ok bool) {
	err := c.ask(ctx, func(ctx context.Context) error {
		value, err := c.redis.Get(ctx, keyOf(id)).Bytes()
		if err == nil {
			ok = json.Unmarshal(value, &u) == nil && u.ID == id
		}
		return err
	})
	return u, ok && err == nil
}

func (c *cache) keep(ctx context.Context, u store.User) {
	value, err := json.Marshal(u)
	if err != nil {
		return
	}
	_ = c.ask(ctx, func(ctx context.Context) error { return c.redis.SetNX(ctx, keyOf(u.ID), value, cacheLife).Err() })
}

// around makes a change, and has no reader keep what was before it. If Redis could not
// be told it is told again until what it has is too old anyway.
func (c *cache) around(ctx context.Context, id uuid.UUID, change func() error) error {
	_ = c.forget(ctx, id)
	err := change()
	c.loads.Forget(id.String())
	if c.forget(ctx, id) != nil {
		go c.insist(context.WithoutCancel(ctx), id)
	}
	return err
}

func (c *cache) forget(ctx context.Context, id uuid.UUID) error {
	return c.ask(context.WithoutCancel(ctx), func(ctx context.Context) error { return c.redis.Set(ctx, keyOf(id), "", goneLife).Err() })
}

func (c *cache) insist(ctx context.Context, id uuid.UUID) {
	for end := time.Now().Add(cacheLife); time.Now().Before(end); {
		time.Sleep(redisPause)
		if c.forget(ctx, id) == nil {
			return
		}
	}
}

// errAway says that Redis was not asked.
var errAway = errors.New("no answer from Redis a moment ago")

// ask asks Redis, unless it did not answer a moment ago.
func (c *cache) ask(ctx context.Context, question func(context.Context) error) error {
	if c.redis == nil {
		return nil
	}
	if time.Now().UnixNano() < c.away.Load() {
		return errAway
	}
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	err := question(ctx)
	if err != nil && !errors.Is(err, redis.Nil) && context.Cause(ctx) != context.Canceled {
		c.away.Store(time.Now().Add(redisPause).UnixNano())
	}
	return err
}
