package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"heyq/client"
	"heyq/internal/fault"
	"heyq/wire"
)

// customer asks for videos at an even pace, cancels a few and tries failed ones
// again. It keeps every promise that it was given: a request that was answered
// with a 2xx. It never allows a second paid render. It is many users, who have keys, or
// the operator alone.
type customer struct {
	api    string
	client *client.Client // the operator's
	users  []*user

	shopped  chan struct{} // closed when every order was promised
	mu       sync.Mutex
	promises map[uuid.UUID]promise
	asked    map[int]int           // videos that each user may have, by its number: those of requests without an answer are among them
	forgiven map[uuid.UUID]promise // those that a database that was set back does not know
	refused  []string              // good requests that the API called bad

	requests, tries, unavailable, cancels, retries atomic.Int64
}

// promise is what the API said of one video.
type promise struct {
	user      int  // whose video it is, by its number
	unsent    bool // cancelled, and nothing was sent for it
	cancelled bool // cancelled, or going to be
	retried   int
}

func newCustomer(api string) *customer {
	return &customer{
		api: api, client: client.New(api, operatorToken, client.WithRetries(0, 0)), shopped: make(chan struct{}),
		promises: map[uuid.UUID]promise{}, forgiven: map[uuid.UUID]promise{}, asked: map[int]int{},
	}
}

// order is one request: a video, or a batch of them.
type order struct {
	at     time.Duration
	user   int // who asks, by its number
	key    string
	bodies []json.RawMessage
	cancel time.Duration // how long after the promise; 0: never
}

// The habits of a customer.
const (
	batchSize   = 5
	batchEvery  = 12 // orders
	cancelEvery = 25 // orders
	tryTimeout  = 5 * time.Second
	tryAgain    = 150 * time.Millisecond
	maxRetries  = 3 // of one failed video
)

// orders are videos at an even pace. The first users ask for more than the last ones.
// All users have the same keys of idempotency, which are each one's own.
func orders(chance *rand.Rand, o Options) []order {
	var list []order
	ordered := map[int]int{}
	for n := 0; n < o.Videos; {
		next := order{at: o.Span * time.Duration(n) / time.Duration(o.Videos)}
		if o.Users > 0 {
			next.user = 1 + min(chance.IntN(o.Users), chance.IntN(o.Users))
		}
		next.key = fmt.Sprintf("order-%04d", ordered[next.user])
		ordered[next.user]++
		size := 1
		if len(list)%batchEvery == batchEvery-1 {
			size = min(batchSize, o.Videos-n)
		}
		for range size {
			n++
			next.bodies = append(next.bodies, body(n))
		}
		if size == 1 && !o.Steady && chance.IntN(cancelEvery) == 0 {
			next.cancel = between(chance, 100*time.Millisecond, 3*time.Second)
		}
		list = append(list, next)
	}
	return list
}

func body(n int) json.RawMessage {
	encoded, err := json.Marshal(map[string]any{
		"title":     fmt.Sprintf("Video %d – ünïcødé ✓", n) + strings.Repeat(", and so on", n%8/7*14), // one in eight is longer than heyq lets one be
		"script":    fmt.Sprintf("Hello number %d, this one may not get lost.", n),
		"avatar_id": "avatar_1", "voice_id": "voice_1",
		"metadata": map[string]string{"number": fmt.Sprint(n)},
	})
	if err != nil {
		panic(err) // strings and maps of strings
	}
	return encoded
}

// shop places the orders, each in its time, until all are promised or ctx ends.
func (c *customer) shop(ctx context.Context, list []order) {
	began := time.Now()
	var all sync.WaitGroup
	for _, o := range list {
		if !pause(ctx, time.Until(began.Add(o.at))) {
			break
		}
		all.Go(func() { c.place(ctx, o) })
	}
	all.Wait()
}

func (c *customer) done() { close(c.shopped) }

// wait returns when every order was promised.
func (c *customer) wait(ctx context.Context) error {
	select {
	case <-c.shopped:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// place asks until it is promised.
func (c *customer) place(ctx context.Context, o order) {
	c.requests.Add(1)
	c.mu.Lock()
	c.asked[o.user] += len(o.bodies)
	c.mu.Unlock()
	var ids []string
	err := c.insist(ctx, func(ctx context.Context) (err error) {
		ids, err = c.ask(ctx, o)
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			c.mu.Lock()
			c.refused = append(c.refused, fmt.Sprintf("%s of user %d: %v", o.key, o.user, err))
			c.mu.Unlock()
		}
		return
	}
	c.mu.Lock()
	for _, id := range ids {
		c.promises[uuid.MustParse(id)] = promise{user: o.user}
	}
	c.mu.Unlock()
	if o.cancel > 0 && pause(ctx, o.cancel) {
		c.cancel(ctx, o.user, ids[0])
	}
}

func (c *customer) ask(ctx context.Context, o order) ([]string, error) {
	if len(o.bodies) == 1 {
		v, err := c.by(o.user).Videos.Create(ctx, o.bodies[0], o.key)
		return []string{v.ID}, err
	}
	items, err := c.by(o.user).Videos.CreateBatch(ctx, client.Batch{Videos: o.bodies, Key: o.key})
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.ID
	}
	return ids, err
}

// insist repeats a call while heyq cannot be reached, or says that it cannot
// right now.
func (c *customer) insist(ctx context.Context, call func(context.Context) error) error {
	for {
		c.tries.Add(1)
		try, cancel := context.WithTimeout(ctx, tryTimeout)
		err := call(try)
		late := try.Err() != nil
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
		if code := fault.CodeOf(err); !late && code != fault.Unavailable && code != fault.Internal {
			return err
		}
		c.unavailable.Add(1)
		if !pause(ctx, tryAgain) {
			return ctx.Err()
		}
	}
}

// cancel ends a video, if it has not ended.
func (c *customer) cancel(ctx context.Context, user int, id string) {
	var v client.Video
	err := c.insist(ctx, func(ctx context.Context) (err error) {
		v, err = c.by(user).Videos.Cancel(ctx, id)
		return err
	})
	if err != nil {
		return // it had ended; or an answer was lost, and it has ended now
	}
	c.cancels.Add(1)
	c.keep(id, func(p *promise) {
		p.cancelled, p.unsent = true, v.State == "cancelled" && v.HeyGenID == nil
	})
}

// retryFailed tries failed videos again, as long as ctx lasts. What may have
// been paid for already is refused, and stays failed.
func (c *customer) retryFailed(ctx context.Context) {
	for pause(ctx, time.Second) {
		failed, err := c.client.Videos.List(ctx, "failed", 1, 100)
		if err != nil {
			continue
		}
		for _, v := range failed.Videos {
			made := c.promise(v.ID)
			if made.retried >= maxRetries {
				continue
			}
			c.keep(v.ID, func(p *promise) { p.retried++ })
			if _, err := c.by(made.user).Videos.Retry(ctx, v.ID, wire.RetryRequest{}); err == nil {
				c.retries.Add(1)
				c.keep(v.ID, func(p *promise) { p.cancelled, p.unsent = false, false })
			}
		}
	}
}

func (c *customer) promise(id string) promise {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.promises[uuid.MustParse(id)]
}

// forget forgives heyq what it does not know any more.
func (c *customer) forget(known []uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, p := range c.promises {
		if !slices.Contains(known, id) {
			c.forgiven[id] = p
			delete(c.promises, id)
		}
	}
}

// keep changes a promise that there is.
func (c *customer) keep(id string, change func(*promise)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := uuid.MustParse(id)
	if p, ok := c.promises[key]; ok {
		change(&p)
		c.promises[key] = p
	}
}
