package main

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"heyq/client"
	"heyq/internal/fault"
	"heyq/store"
)

const (
	// singly is how many videos are looked at one by one. More are found by
	// walking the listing, a page of which is one call.
	singly = 20
	// patience is how long a heyq may be away, as it is while it restarts.
	patience = 2 * time.Minute
	pageSize = 500
)

// follower looks at videos until each of them has ended.
type follower struct {
	client *client.Client
	open   map[string]bool    // ids of those that have not
	seen   func(client.Video) // called with each look at an open one
}

func newFollower(client *client.Client, ids []string, seen func(client.Video)) *follower {
	f := &follower{client: client, open: map[string]bool{}, seen: seen}
	for _, id := range ids {
		f.open[id] = true
	}
	return f
}

// run looks again and again, and calls looked after each look: when the heyq tells that one
// of the videos has moved, and after a pause all the same, which is short if it tells nothing.
func (f *follower) run(ctx context.Context, pause time.Duration, looked func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hear := f.listen(ctx)
	answered := time.Now()
	for {
		err := f.look(ctx)
		if err == nil {
			answered = time.Now()
		} else if fault.CodeOf(err) != fault.Unavailable || time.Since(answered) > patience {
			return err
		}
		looked()
		if len(f.open) == 0 {
			return nil
		}
		if err := hear.wait(ctx, pause, len(f.open) > singly); err != nil {
			return err
		}
	}
}

// news is what a heyq tells of the videos of a follower.
type news struct {
	moved chan struct{}
	live  atomic.Bool // it tells
}

// listen hears news until ctx ends. A heyq that cannot tell them is asked instead.
func (f *follower) listen(ctx context.Context) *news {
	n := &news{moved: make(chan struct{}, 1)}
	followed := maps.Clone(f.open)
	go func() {
		defer n.live.Store(false)
		for event, err := range f.client.Videos.AllEvents(ctx) {
			n.live.Store(err == nil)
			if event.Missed || followed[event.VideoID] {
				select {
				case n.moved <- struct{}{}:
				default:
				}
			}
		}
	}()
	return n
}

// seldom is how many pauses pass between two looks that no news asks for.
const seldom = 5

// wait returns when it is time to look: at once if there are news, unless a look is dear.
func (n *news) wait(ctx context.Context, pause time.Duration, dear bool) error {
	longest := time.After(pause)
	if n.live.Load() {
		longest = time.After(seldom * pause)
		if dear {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-longest:
	case <-n.moved:
	}
	return nil
}

func (f *follower) look(ctx context.Context) error {
	if len(f.open) > singly {
		return f.lookThrough(ctx)
	}
	for id := range maps.Clone(f.open) {
		v, err := f.client.Videos.Get(ctx, id)
		if err != nil {
			return err
		}
		f.take(v)
	}
	return nil
}

// lookThrough walks the listing from the newest video to the oldest open one:
// ids sort by creation.
func (f *follower) lookThrough(ctx context.Context) error {
	oldest := slices.Min(slices.Collect(maps.Keys(f.open)))
	for page := 1; ; page++ {
		l, err := f.client.Videos.List(ctx, "", page, pageSize)
		if err != nil {
			return err
		}
		for _, v := range l.Videos {
			f.take(v)
		}
		if len(l.Videos) < pageSize || l.Videos[len(l.Videos)-1].ID < oldest {
			return nil
		}
	}
}

// take shows a video that is followed, and follows it no more once it ended.
func (f *follower) take(v client.Video) {
	if !f.open[v.ID] {
		return
	}
	if v.State.Final() {
		delete(f.open, v.ID)
	}
	f.seen(v)
}

// stateCounts counts videos by state.
func stateCounts(states map[string]store.State) map[string]int {
	counts := map[string]int{}
	for _, state := range states {
		counts[string(state)]++
	}
	return counts
}
