package handlers

import (
	"slices"
	"sync"
	"time"

	"heyq/store"
)

// pace decides when to look at a render next. One call asks about a hundred
// videos, so a look is cheap, and a slot that is free unnoticed is not: the
// first look comes at half of what renders took lately, and later ones every
// interval until the render is old.
//
// Where webhooks bring the news, looks are a safety net: once the last few
// completions were all found by a look that a hint had asked for, looks that
// nobody asked for come late and seldom. A single completion that no hint told
// of brings the fast rhythm back. Each worker judges the hints by what it saw itself;
// what renders took it knows from the database when it starts.
type pace struct {
	interval time.Duration

	mu     sync.Mutex
	recent []time.Duration // how long the last renders took
	next   int
	hinted int // completions in a row that a hint told of
}

const (
	paceMemory = 101             // renders that the median is taken of
	latestLook = 2 * time.Minute // the first look never comes later
	youngFor   = 15 * time.Minute
	oldLook    = time.Minute     // between two looks at an old render
	deadLook   = 3 * time.Minute // between two looks past the deadline

	latestDoubt = 30 * time.Minute // between two looks at a render in doubt

	trustHints = 5           // completions in a row that a hint must tell of
	netLooks   = 12          // intervals between two looks where hints tell of completions
	netLook    = time.Minute // and the longest that they may come to
)

func newPace(interval time.Duration) *pace { return &pace{interval: interval} }

// saw learns how long a completed render took, and whether a hint told of it.
func (p *pace) saw(took time.Duration, hinted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hinted++
	if !hinted {
		p.hinted = 0
	}
	if len(p.recent) < paceMemory {
		p.recent = append(p.recent, took)
		return
	}
	p.recent[p.next] = took
	p.next = (p.next + 1) % paceMemory
}

// learn begins with what renders took before this worker, the newest first.
func (p *pace) learn(newest []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	older := slices.Clone(newest[:min(len(newest), paceMemory-len(p.recent))])
	slices.Reverse(older)
	p.recent = append(older, p.recent...)
}

// firstLook is how long after its acceptance a render is looked at.
func (p *pace) firstLook() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.recent) == 0 {
		return p.interval
	}
	sorted := slices.Sorted(slices.Values(p.recent))
	if p.hinted >= trustHints {
		return min(sorted[len(sorted)*9/10], youngFor) + p.net() // nearly every webhook would have come
	}
	return min(max(sorted[len(sorted)/2]/2, p.interval), latestLook)
}

// nextLook is how long after a look that found it still rendering.
func (p *pace) nextLook(run store.Run) time.Duration {
	switch {
	case run.PastDeadline:
		return max(deadLook, p.interval)
	case run.RenderingFor > youngFor:
		return max(oldLook, p.interval)
	default:
		return p.between()
	}
}

// doubtLook is how long after a look that left a render in doubt: soon at first,
// and then the later the longer the doubt lasts.
func (p *pace) doubtLook(run store.Run) time.Duration {
	return max(p.interval, min(run.DoubtedFor/4, latestDoubt))
}

// between is the time between two looks at a young render.
func (p *pace) between() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hinted >= trustHints {
		return p.net()
	}
	return p.interval
}

// net is the time between two looks that are a safety net. It follows the
// interval, which says what an idle slot is worth.
func (p *pace) net() time.Duration { return max(min(netLooks*p.interval, netLook), p.interval) }
