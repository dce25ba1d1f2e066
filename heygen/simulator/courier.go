package simulator

import (
	"container/heap"
	"context"
	"net/http"
	"sync"
	"time"
)

// courier runs errands when they are due. One goroutine sleeps until the next
// one. The goroutine begins with the first errand, so an account without
// receivers has none.
type courier struct {
	now    func() time.Time
	client *http.Client
	places chan struct{} // of requests on their way
	wake   chan struct{}

	ctx    context.Context // of every request; it ends at close
	cancel context.CancelFunc
	all    sync.WaitGroup

	mu      sync.Mutex
	errands errands
	running bool
	closed  bool
	held    map[string][]*delivery // by URL, until another delivery overtakes them
	first   map[string]*delivery   // the first that arrived at each endpoint
}

// errand is something to do at a time, in a goroutine of its own.
type errand struct {
	at time.Time
	do func()
}

// patience is how long an endpoint may take to answer, and longestSleep bounds
// the time in which a clock that jumps goes unnoticed.
const (
	patience     = 10 * time.Second
	longestSleep = time.Second
)

func newCourier(now func() time.Time) *courier {
	ctx, cancel := context.WithCancel(context.Background())
	return &courier{
		now: now, places: make(chan struct{}, 64), wake: make(chan struct{}, 1),
		ctx: ctx, cancel: cancel, held: map[string][]*delivery{}, first: map[string]*delivery{},
		client: &http.Client{
			Timeout:       patience,
			Transport:     &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// at puts an errand on the list; after close it is forgotten.
func (c *courier) at(t time.Time, do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	heap.Push(&c.errands, errand{t, do})
	if !c.running {
		c.running = true
		c.all.Go(c.run)
	}
	select {
	case c.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

func (c *courier) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-c.wake:
		case <-timer.C:
		}
		timer.Reset(c.start())
	}
}

// start begins what is due and returns how long to sleep.
func (c *courier) start() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	for len(c.errands) > 0 && !c.closed {
		if wait := c.errands[0].at.Sub(now); wait > 0 {
			return min(wait, longestSleep)
		}
		c.all.Go(heap.Pop(&c.errands).(errand).do)
	}
	return time.Hour // at wakes it
}

// close ends every request and waits for the rest.
func (c *courier) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.all.Wait()
	c.client.CloseIdleConnections()
}

// errands are a heap with the next one on top.
type errands []errand

func (e errands) Len() int           { return len(e) }
func (e errands) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e errands) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }

// Push adds one, for container/heap.
func (e *errands) Push(x any) { *e = append(*e, x.(errand)) }

// Pop takes the last one, for container/heap.
func (e *errands) Pop() any {
	old := *e
	last := old[len(old)-1]
	old[len(old)-1] = errand{}
	*e = old[:len(old)-1]
	return last
}
