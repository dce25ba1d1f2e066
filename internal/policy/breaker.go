package policy

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/sony/gobreaker/v2"

	"heyq/internal/logkey"
)

// State is where a breaker stands.
type State int

// The states, with the numbers that the metric heyq_breaker_state shows.
const (
	Closed   State = iota // calls pass
	HalfOpen              // one call passes, as a probe
	Open                  // nothing passes
)

// String returns closed, half-open or open.
func (s State) String() string {
	switch s {
	case HalfOpen:
		return "half-open"
	case Open:
		return "open"
	}
	return "closed"
}

// Breaker stops calls to what is down: after so many failures in a row it opens,
// and after a while it lets one call through, whose outcome decides. It knows what
// this process has met, and no more. A nil Breaker lets everything through.
type Breaker struct {
	name     string
	failures int
	open     time.Duration
	log      zerolog.Logger
	metrics  *metrics
	calls    *gobreaker.TwoStepCircuitBreaker[any]

	mu      sync.Mutex
	until   time.Time // while it is open
	failure string    // the last one
	told    bool      // the log says that it is open
}

// Done ends a call that a breaker let through. It takes nil if the other side
// works, ErrInconclusive if the call does not tell, and the failure otherwise.
// Call it once.
type Done func(failure error)

// probeWait is when to ask again while another call probes.
const probeWait = 2 * time.Second

func (s *Set) newBreaker(name string) *Breaker {
	b := &Breaker{name: name, failures: s.options.Failures, open: s.options.Open, log: s.options.Log, metrics: s.metrics}
	b.calls = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Name:          name,
		Timeout:       b.open,
		MaxRequests:   1,
		ReadyToTrip:   func(c gobreaker.Counts) bool { return int(c.ConsecutiveFailures) >= b.failures },
		IsExcluded:    inconclusive,
		OnStateChange: func(_ string, _, to gobreaker.State) { b.changed(to) },
	})
	return b
}

// Allow asks whether a call may be made now. If it may, done must be called
// with what came of it. If it may not, the error is a *Refusal.
func (b *Breaker) Allow(ctx context.Context) (done Done, err error) {
	if b == nil {
		return func(error) {}, nil
	}
	if ctx.Value(watching{}) != nil {
		return func(error) {}, b.Check()
	}
	end, err := b.calls.Allow()
	switch {
	case errors.Is(err, gobreaker.ErrTooManyRequests):
		_, cause := b.last()
		return nil, b.refusal(probeWait, cause)
	case err != nil:
		until, cause := b.last()
		return nil, b.refusal(time.Until(until), cause)
	}
	return func(failure error) {
		b.note(failure)
		end(failure)
	}, nil
}

type watching struct{}

// Watching returns a context for calls that only look whether the other side is
// well. Breakers refuse them as any others, learn nothing from them, and give them
// no probe: what strangers can ask for must neither stop the work nor hide that it
// fails.
func Watching(ctx context.Context) context.Context { return context.WithValue(ctx, watching{}, true) }

// Check returns a *Refusal unless the breaker is closed. It is for who has been
// let through and is about to call once more.
func (b *Breaker) Check() error {
	if b == nil {
		return nil
	}
	switch state, until, cause := b.State(); state {
	case Open:
		return b.refusal(time.Until(until), cause)
	case HalfOpen:
		return b.refusal(probeWait, cause)
	}
	return nil
}

// State returns where the breaker stands. If it is open, State also returns
// until when nothing passes, and what opened it.
func (b *Breaker) State() (state State, until time.Time, cause string) {
	state = stateOf[b.calls.State()] // it may change by this
	if state == Closed {
		return Closed, time.Time{}, ""
	}
	until, cause = b.last()
	return state, until, cause
}

var stateOf = map[gobreaker.State]State{
	gobreaker.StateClosed: Closed, gobreaker.StateHalfOpen: HalfOpen, gobreaker.StateOpen: Open,
}

func (b *Breaker) refusal(wait time.Duration, cause string) *Refusal {
	return &Refusal{Policy: "the breaker of " + b.name, Wait: max(wait, 0), Cause: cause, Closed: true}
}

func (b *Breaker) last() (until time.Time, cause string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until, b.failure
}

func (b *Breaker) note(failure error) {
	if failure == nil || inconclusive(failure) {
		return
	}
	b.mu.Lock()
	b.failure = failure.Error()
	b.mu.Unlock()
}

// changed counts and logs an opening, once until it closes.
func (b *Breaker) changed(to gobreaker.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch to {
	case gobreaker.StateOpen:
		b.metrics.opened.WithLabelValues(b.name).Inc()
		b.until = time.Now().Add(b.open)
		if !b.told {
			b.log.Warn().Str(logkey.Breaker, b.name).Str(logkey.Cause, b.failure).Dur(logkey.Wait, b.open).
				Msg("the breaker opens; nothing is called until it lets a probe through")
		}
		b.told = true
	case gobreaker.StateClosed:
		if b.told {
			b.log.Info().Str(logkey.Breaker, b.name).Msg("the breaker closes; calls pass again")
		}
		b.told = false
	}
}
