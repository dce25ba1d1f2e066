package people

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"heyq/internal/policy"
	"heyq/store"
)

const (
	cacheLife = 600 * time.Second
	// loadTime is how long reading a user from the store may take. goneLife is how long
	// the empty value of a change stays: longer than any reading that began before the
	// change, so that none of them can keep what it read.
	loadTime = 5 * time.Second
	goneLife = 3 * loadTime
	// insistEvery is between two tries to tell Redis of a change.
	insistEvery = time.Second
)

// cache keeps users in Redis under user:<id>. An empty value says that the user was
// changed a moment ago: it is read from the store, and not kept. A Redis that is away
// fails no request.
type cache struct {
	redis redis.UniversalClient
	loads singleflight.Group
	away  policy.Away
	aside *Aside
}

func newCache(r redis.UniversalClient, a *Aside) *cache { return &cache{redis: r, aside: a} }

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
	value, err := ask(ctx, c, func(ctx context.Context) ([]byte, error) { return c.redis.Get(ctx, keyOf(id)).Bytes() })
	if err != nil || json.Unmarshal(value, &u) != nil {
		return store.User{}, false
	}
	return u, u.ID == id
}

func (c *cache) keep(ctx context.Context, u store.User) {
	value, err := json.Marshal(u)
	if err != nil {
		return
	}
	_, _ = ask(ctx, c, func(ctx context.Context) (bool, error) {
		return c.redis.SetNX(ctx, keyOf(u.ID), value, cacheLife).Result()
	}) // it is read anew
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
	_, err := ask(ctx, c, func(ctx context.Context) (string, error) { return c.redis.Set(ctx, keyOf(id), "", goneLife).Result() })
	return err
}

// insist tells Redis of a change until it has heard, or what it has is too old anyway.
func (c *cache) insist(ctx context.Context, id uuid.UUID) {
	var err error
	for end := time.Now().Add(cacheLife); time.Now().Before(end); {
		time.Sleep(insistEvery)
		if err = c.forget(ctx, id); err == nil {
			return
		}
	}
	c.aside.failed(userChange, err, "Redis could not be told that a user was changed; other processes may have known the user as before for ten minutes")
}

// ask asks Redis, unless there is none or it is away.
func ask[T any](ctx context.Context, c *cache, question func(context.Context) (T, error)) (answer T, err error) {
	if c.redis == nil {
		return answer, nil
	}
	return policy.Ask(ctx, &c.away, question)
}
