// Package batcher lets concurrent callers share one call: what arrives while a
// flush is under way goes into the next one. There is no timer, so a lone
// caller waits for no other, and a crowd pays for one commit instead of many.
//
// It knows nothing of what is flushed.
package batcher

import (
	"context"
	"sync"
)

// Batcher collects items and flushes them in lists. Results belong to items by
// their keys, for a flush may answer only some of them, in any order.
type Batcher[Item, Result any, Key comparable] struct {
	flush    func(context.Context, []Item) ([]Result, error)
	keyOf    func(Result) Key
	itemKey  func(Item) Key
	mostSize int
	oneByOne func(error) bool

	mu       sync.Mutex
	waiting  []*call[Item, Result]
	flushing bool
}

type call[Item, Result any] struct {
	item   Item
	result Result
	found  bool
	err    error
	done   chan struct{}
}

// New returns a Batcher that flushes up to most items at once. flush gets a context of
// its own: the callers of one flush may give up at different times, and the end of one
// must not stop the others' work. If a flush of several fails and oneByOne(err) is true,
// each item is flushed alone, so that one bad item does not fail the others.
func New[Item, Result any, Key comparable](
	most int,
	flush func(context.Context, []Item) ([]Result, error),
	itemKey func(Item) Key, resultKey func(Result) Key, oneByOne func(error) bool,
) *Batcher[Item, Result, Key] {
	return &Batcher[Item, Result, Key]{flush: flush, itemKey: itemKey, keyOf: resultKey, mostSize: most, oneByOne: oneByOne}
}

// Do hands in an item and waits until it was flushed. found says whether the
// flush answered it. When ctx ends first, the item may still be flushed.
func (b *Batcher[Item, Result, Key]) Do(ctx context.Context, item Item) (result Result, found bool, err error) {
	c := &call[Item, Result]{item: item, done: make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, c)
	start := !b.flushing
	b.flushing = true
	b.mu.Unlock()
	if start {
		go b.run(context.WithoutCancel(ctx))
	}
	select {
	case <-c.done:
		return c.result, c.found, c.err
	case <-ctx.Done():
		return result, false, ctx.Err()
	}
}

// run flushes until nothing waits.
func (b *Batcher[Item, Result, Key]) run(ctx context.Context) {
	for {
		batch := b.take()
		if len(batch) == 0 {
			return
		}
		b.flushBatch(ctx, batch)
		for _, c := range batch {
			close(c.done)
		}
	}
}

// take cuts off the next batch. Items with the same key never share a flush:
// its one result would answer both of them.
func (b *Batcher[Item, Result, Key]) take() []*call[Item, Result] {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch := make([]*call[Item, Result], 0, min(len(b.waiting), b.mostSize))
	taken := make(map[Key]bool, cap(batch))
	var later []*call[Item, Result]
	for i, c := range b.waiting {
		if len(batch) == b.mostSize {
			later = append(later, b.waiting[i:]...)
			break
		}
		key := b.itemKey(c.item)
		if taken[key] {
			later = append(later, c)
			continue
		}
		taken[key] = true
		batch = append(batch, c)
	}
	b.waiting = later
	b.flushing = len(batch) > 0
	return batch
}

func (b *Batcher[Item, Result, Key]) flushBatch(ctx context.Context, batch []*call[Item, Result]) {
	err := b.flushAll(ctx, batch)
	alone := err != nil && len(batch) > 1 && b.oneByOne(err)
	for i, c := range batch {
		c.err = err
		if alone {
			c.err = b.flushAll(ctx, batch[i:i+1])
		}
	}
}

func (b *Batcher[Item, Result, Key]) flushAll(ctx context.Context, batch []*call[Item, Result]) error {
	items := make([]Item, len(batch))
	for i, c := range batch {
		items[i] = c.item
	}
	results, err := b.flush(ctx, items)
	if err != nil {
		return err
	}
	byKey := make(map[Key]Result, len(results))
	for _, r := range results {
		byKey[b.keyOf(r)] = r
	}
	for _, c := range batch {
		c.result, c.found = byKey[b.itemKey(c.item)]
	}
	return nil
}
