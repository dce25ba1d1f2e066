package policy

import (
	"context"
	"time"

	"github.com/sony/gobreaker/v2"
)

// This file keeps a breaker's view of the board up to date, and the board's of
// the breaker.

// watch looks at the board until ctx ends, and at once when this process opens.
func (b *Breaker) watch(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-b.wake:
		}
		if s, err := b.exchange(ctx); ctx.Err() == nil {
			b.saw(s, err)
		}
	}
}

// exchange tells the board that this process has opened, if it does not know,
// and reads what it says.
func (b *Breaker) exchange(ctx context.Context) (sight, error) {
	b.mu.Lock()
	tell, until, cause := b.unpublished, b.localUntil, b.failure
	if s := b.view(); s.state == Open { // the board has lost it
		until, cause = s.until, s.cause
	}
	b.mu.Unlock()
	left := time.Until(until)
	if !tell || left <= 0 {
		return b.board.look(ctx)
	}
	s, err := b.board.open(ctx, left, cause)
	if err == nil {
		b.mu.Lock()
		b.unpublished = false
		b.mu.Unlock()
	}
	return s, err
}

// view is what the board said last, brought up to now. Without the board nobody
// gives the probe away, and this process goes by what it meets. The caller holds
// the lock.
func (b *Breaker) view() sight {
	s := b.seen.now()
	if b.blind && s.state == HalfOpen {
		return sight{}
	}
	return s
}

// lossSlack is how much two clocks may differ over one wait.
const lossSlack = time.Second

// saw takes in what the board said; with an error it said nothing, and what is
// known of it holds until it runs out.
func (b *Breaker) saw(s sight, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.blind = err != nil; b.blind {
		return
	}
	was := b.seen
	if s.state == Closed && was.state == Open && time.Until(was.until) > lossSlack {
		// Only a probe closes a breaker, and none can have been made yet: Redis has
		// lost the key.
		b.unpublished = true
		return
	}
	b.seen = s
	switch {
	case s.state != Closed:
		b.tell(s)
	case was.state != Closed:
		b.local = b.newLocal() // somebody's probe went well: what was met before counts no more
		b.unpublished = false
		b.tellClosed()
	}
}

// newLocal returns a closed breaker for what this process meets itself.
func (b *Breaker) newLocal() *gobreaker.TwoStepCircuitBreaker[any] {
	var local *gobreaker.TwoStepCircuitBreaker[any]
	local = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Name:        b.name,
		Timeout:     b.open,
		MaxRequests: 1,
		ReadyToTrip: func(c gobreaker.Counts) bool { return int(c.ConsecutiveFailures) >= b.failures },
		IsExcluded:  inconclusive,
		OnStateChange: func(_ string, _, to gobreaker.State) {
			b.changed(local, to)
		},
	})
	return local
}

// changed follows this process's own breaker.
func (b *Breaker) changed(local *gobreaker.TwoStepCircuitBreaker[any], to gobreaker.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if local != b.local {
		return // a call that began before the breaker last closed
	}
	switch to {
	case gobreaker.StateOpen:
		b.metrics.opened.WithLabelValues(b.name).Inc()
		b.localUntil = time.Now().Add(b.open)
		b.tell(sight{state: Open, until: b.localUntil, cause: b.failure})
		if b.board != nil {
			b.unpublished = true
			select {
			case b.wake <- struct{}{}:
			default:
			}
		}
	case gobreaker.StateClosed:
		b.unpublished = false
		b.tellClosed()
	}
}

// tell logs that the breaker is open, once until it closes. The caller holds
// the lock.
func (b *Breaker) tell(s sight) {
	if b.told {
		return
	}
	b.told = true
	b.log.Warn().Str("breaker", b.name).Str("cause", s.cause).Dur("wait", time.Until(s.until)).
		Msg("the breaker opens; nothing is called until it lets a probe through")
}

// tellClosed logs that it has closed. The caller holds the lock.
func (b *Breaker) tellClosed() {
	if !b.told {
		return
	}
	b.told = false
	b.log.Info().Str("breaker", b.name).Msg("the breaker closes; calls pass again")
}
