// Package gather lets concurrent callers share one call: what arrives while a
// flush is under way goes into the next one. There is no timer, so a lone
// caller waits for nobody, and a crowd pays for one commit instead of many.
//
// It knows nothing of what is flushed.
package gather

import (
	"context"
	"sync"
)

// Gather collects items and flushes them in lists. Results belong to items by
// their keys, for a flush may answer only some of them, in any order.
type Gather[Item, Result any, Key comparable] struct {
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

// New returns a Gather that flushes up to most items at once. flush gets a
// context of its own: the callers of one flush may give up at different times,
// and none may take the others' work along. When a flush of several fails with
// an error of which oneByOne is true, each is flushed alone, so that one bad
// item does not fail the others.
func New[Item, Result any, Key comparable](
	most int,
	flush func(context.Context, []Item) ([]Result, error),
	itemKey func(Item) Key, resultKey func(Result) Key, oneByOne func(error) bool,
) *Gather[Item, Result, Key] {
	return &Gather[Item, Result, Key]{flush: flush, itemKey: itemKey, keyOf: resultKey, mostSize: most, oneByOne: oneByOne}
}

// Do hands in an item and waits until it was flushed. found says whether the
// flush answered it. When ctx ends first, the item may still be flushed.
func (g *Gather[Item, Result, Key]) Do(ctx context.Context, item Item) (result Result, found bool, err error) {
	c := &call[Item, Result]{item: item, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, c)
	start := !g.flushing
	g.flushing = true
	g.mu.Unlock()
	if start {
		go g.run(context.WithoutCancel(ctx))
	}
	select {
	case <-c.done:
		return c.result, c.found, c.err
	case <-ctx.Done():
		return result, false, ctx.Err()
	}
}

// run flushes until nothing waits.
func (g *Gather[Item, Result, Key]) run(ctx context.Context) {
	for {
		batch := g.take()
		if len(batch) == 0 {
			return
		}
		g.flushBatch(ctx, batch)
		for _, c := range batch {
			close(c.done)
		}
	}
}

// take cuts off the next batch. Items with the same key never share a flush:
// its one result would answer both of them.
func (g *Gather[Item, Result, Key]) take() []*call[Item, Result] {
	g.mu.Lock()
	defer g.mu.Unlock()
	batch := make([]*call[Item, Result], 0, min(len(g.waiting), g.mostSize))
	taken := make(map[Key]bool, cap(batch))
	var later []*call[Item, Result]
	for i, c := range g.waiting {
		if len(batch) == g.mostSize {
			later = append(later, g.waiting[i:]...)
			break
		}
		key := g.itemKey(c.item)
		if taken[key] {
			later = append(later, c)
			continue
		}
		taken[key] = true
		batch = append(batch, c)
	}
	g.waiting = later
	g.flushing = len(batch) > 0
	return batch
}

func (g *Gather[Item, Result, Key]) flushBatch(ctx context.Context, batch []*call[Item, Result]) {
	err := g.flushAll(ctx, batch)
	alone := err != nil && len(batch) > 1 && g.oneByOne(err)
	for i, c := range batch {
		c.err = err
		if alone {
			c.err = g.flushAll(ctx, batch[i:i+1])
		}
	}
}

func (g *Gather[Item, Result, Key]) flushAll(ctx context.Context, batch []*call[Item, Result]) error {
	items := make([]Item, len(batch))
	for i, c := range batch {
		items[i] = c.item
	}
	results, err := g.flush(ctx, items)
	if err != nil {
		return err
	}
	byKey := make(map[Key]Result, len(results))
	for _, r := range results {
		byKey[g.keyOf(r)] = r
	}
	for _, c := range batch {
		c.result, c.found = byKey[g.itemKey(c.item)]
	}
	return nil
}
