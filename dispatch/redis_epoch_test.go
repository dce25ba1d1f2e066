package dispatch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

// probe gives an epoch what a pass finds in Redis.
func (b *bench) probe(ctx context.Context, c *redisEpoch) error {
	p, err := b.capacity.probe(ctx)
	if err != nil {
		return err
	}
	return c.check(ctx, p.epoch)
}

func (b *bench) registered(t *testing.T) []string {
	t.Helper()
	names, err := b.redis.SMembers(t.Context(), "asynq:queues").Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

var everyQueue = []string{"analytics", "create", "download", "maintenance", "notify", "poll", "watch"}

func TestRedisEpoch_stays_until_Redis_is_wiped(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	look := func() {
		t.Helper()
		if err := b.probe(t.Context(), b.epoch); err != nil {
			t.Fatal(err)
		}
	}
	look()
	look()
	compare(t, "a fresh Redis is told to the store, once", len(b.store.synced), 1)
	compare(t, "queues", b.registered(t), everyQueue)
	for _, p := range queueProbes {
		if b.mini.TTL(p.epochKey) != 0 {
			t.Errorf("%s dies by itself", p.epochKey)
		}
	}

	b.mini.FlushAll()
	look()
	compare(t, "queues after the wipe", b.registered(t), everyQueue)
	for _, p := range queueProbes { // each may be on a server of its own
		b.mini.Del(p.epochKey)
		look()
		look()
	}
	compare(t, "what the store is told beside", b.store.moved, slices.Concat([]bool{false}, slices.Repeat([]bool{true}, 1+len(queueProbes))))
	slices.Sort(b.store.synced)
	compare(t, "different epochs", len(slices.Compact(b.store.synced)), 2+len(queueProbes))
}

func TestRedisEpoch_of_another_process_is_told_to_the_store(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	if err := b.probe(t.Context(), b.epoch); err != nil {
		t.Fatal(err)
	}
	b.mini.FlushAll()
	other := &redisEpoch{redis: b.redis, store: b.store} // sets it before we look
	if err := b.probe(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if err := b.probe(t.Context(), b.epoch); err != nil {
		t.Fatal(err)
	}
	if n := len(b.store.synced); n != 3 || b.store.synced[1] != b.store.synced[2] {
		t.Errorf("the store was told %v; want the new epoch by both", b.store.synced)
	}
	compare(t, "who had sent to the former one", b.store.moved, []bool{false, false, true})
}

func TestRedisEpoch_set_by_many_at_once_is_one(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := b.probe(t.Context(), &redisEpoch{redis: b.redis, store: b.store}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if values := slices.Compact(slices.Clone(b.store.synced)); len(values) != 1 || len(b.store.synced) != 20 {
		t.Errorf("20 planters told the store %v", b.store.synced)
	}
}

func TestRedisEpoch_asks_again_where_the_store_could_not_answer(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	b.store.fail(errAway)
	if err := b.probe(t.Context(), b.epoch); !errors.Is(err, errAway) {
		t.Fatalf("got %v", err)
	}
	b.store.fail(nil)
	if err := b.probe(t.Context(), b.epoch); err != nil || len(b.store.synced) != 1 {
		t.Errorf("the store was told %v, %v; a loss would have been missed", b.store.synced, err)
	}
}
