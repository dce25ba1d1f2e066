package handlers

import (
	"slices"
	"sync"
	"time"

	"heyq/store"
)

// pollSchedule decides when a render is polled next. One call asks about a hundred
// videos, so a poll is cheap, and a slot that is free unnoticed is not: the first
// poll comes at half of what renders took lately, and later ones every interval until
// the render is old.
//
// If webhooks bring the news, polls are a safety net: once the last few completions
// were all found by a poll that a hint had asked for, the other polls come late and
// seldom. A single completion that no hint told of brings the fast rhythm back. Each
// worker judges the hints by what it saw itself; what renders took it knows from the
// database when it starts.
type pollSchedule struct {
	interval time.Duration

	mu     sync.Mutex
	took   []time.Duration // by the last renders
	oldest int             // in took, once that is full
	hinted int             // completions in a row that a hint told of
}

const (
	rememberedRenders = 101             // of which the median is taken
	latestFirst       = 2 * time.Minute // the first poll never comes later
	youngFor          = 15 * time.Minute
	oldInterval       = time.Minute     // between two polls of an old render
	lateInterval      = 3 * time.Minute // between two polls past the deadline

	longestDoubt = 30 * time.Minute // between two polls of a render in doubt

	trustHints   = 5           // completions in a row that a hint must tell of
	netIntervals = 12          // intervals between two polls if hints tell of completions
	netInterval  = time.Minute // and the longest that they may come to
)

func newPollSchedule(interval time.Duration) *pollSchedule { return &pollSchedule{interval: interval} }

// completed learns how long a render took, and whether a hint told of its end.
func (p *pollSchedule) completed(took time.Duration, hinted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hinted++
	if !hinted {
		p.hinted = 0
	}
	if len(p.took) < rememberedRenders {
		p.took = append(p.took, took)
		return
	}
	p.took[p.oldest] = took
	p.oldest = (p.oldest + 1) % rememberedRenders
}

// learn begins with what renders took before this worker, the newest first.
func (p *pollSchedule) learn(newest []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	older := slices.Clone(newest[:min(len(newest), rememberedRenders-len(p.took))])
	slices.Reverse(older)
	p.took = append(older, p.took...)
}

// first is how long after its acceptance a render is polled.
func (p *pollSchedule) first() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.took) == 0 {
		return p.interval
	}
	sorted := slices.Sorted(slices.Values(p.took))
	if p.hinted >= trustHints {
		return min(sorted[len(sorted)*9/10], youngFor) + p.net() // nearly every webhook would have come
	}
	return min(max(sorted[len(sorted)/2]/2, p.interval), latestFirst)
}

// next is how long after a poll that found it still rendering.
func (p *pollSchedule) next(run store.Run) time.Duration {
	switch {
	case run.PastDeadline:
		return max(lateInterval, p.interval)
	case run.RenderingFor > youngFor:
		return max(oldInterval, p.interval)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hinted >= trustHints {
		return p.net()
	}
	return p.interval
}

// inDoubt is how long after a poll that left a render in doubt: soon at first, and
// then the later the longer the doubt lasts.
func (p *pollSchedule) inDoubt(run store.Run) time.Duration {
	return max(p.interval, min(run.DoubtedFor/4, longestDoubt))
}

// net is the time between two polls that are a safety net. It follows the interval,
// which says what an idle slot is worth.
func (p *pollSchedule) net() time.Duration {
	return max(min(netIntervals*p.interval, netInterval), p.interval)
}
