package people

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"heyq/internal/testkit"
	"heyq/store"
)

func TestCache_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartRedis(t)
	redis := testkit.OpenRedis(t, server.URL())
	c, other := newCache(redis, nil), newCache(redis, nil) // of two processes
	c.away.Patience, other.away.Patience = testkit.Patience, testkit.Patience
	u := store.User{ID: uuid.Must(uuid.NewV7()), Email: "ada@example.com"}
	var loads atomic.Int32
	load := func(context.Context) (store.User, error) { loads.Add(1); return u, nil }
	get := func(c *cache, want string) {
		t.Helper()
		if got, err := c.get(t.Context(), u.ID, load); err != nil || got.Email != want {
			t.Fatalf("got %q, %v, want %q", got.Email, err, want)
		}
	}

	for range 3 {
		get(c, "ada@example.com")
		get(other, "ada@example.com")
	}
	if n := loads.Load(); n != 1 {
		t.Errorf("it was read %d times, want once", n)
	}
	if life := redis.TTL(t.Context(), keyOf(u.ID)).Val(); life <= 0 || life > cacheLife {
		t.Errorf("it is kept for %s, want up to %s", life, cacheLife)
	}

	err := c.around(t.Context(), u.ID, func() error { u.Email = "king@example.com"; return nil })
	if err != nil {
		t.Fatal(err)
	}
	get(other, "king@example.com")

	// A reader that read before a change must not write what it read after it.
	stale := func(context.Context) (store.User, error) {
		was := u
		_ = c.around(t.Context(), u.ID, func() error { u.Email = "third@example.com"; return nil })
		return was, nil
	}
	redis.Del(t.Context(), keyOf(u.ID))
	_, _ = other.get(t.Context(), u.ID, stale)
	get(c, "third@example.com")

	missing := errors.New("missing")
	redis.Del(t.Context(), keyOf(u.ID))
	if _, err := c.get(t.Context(), u.ID, func(context.Context) (store.User, error) { return store.User{}, missing }); !errors.Is(err, missing) {
		t.Errorf("got %v, want the loader's error", err)
	}
	get(c, "third@example.com")

	server.Stop()
	c.away.Patience = 0
	for range 3 {
		get(c, "third@example.com")
	}
	if err := c.around(t.Context(), u.ID, func() error { return nil }); err != nil {
		t.Errorf("a Redis that is away fails a change: %v", err)
	}
}

func TestCache_has_one_loader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, id := newCache(nil, nil), uuid.New()
		var loads atomic.Int32
		var done sync.WaitGroup
		for range 20 {
			done.Go(func() {
				_, _ = c.get(t.Context(), id, func(context.Context) (store.User, error) {
					loads.Add(1)
					time.Sleep(time.Second) // until all others wait, too
					return store.User{ID: id}, nil
				})
			})
		}
		done.Wait()
		if n := loads.Load(); n != 1 {
			t.Errorf("20 requests that wait loaded %d times, want once", n)
		}
	})
}
