package policy

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"github.com/sony/gobreaker/v2"
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
// and after a while it lets one call through, whose outcome decides.
//
// One that is shared does so for all processes on one Redis. A process that
// opens tells the board, and the others see it within a look; after the wait the
// board gives the probe to one caller of all. A call costs no round trip while
// the breaker is closed or open. While Redis is away, each process goes by what
// it met itself.
//
// A nil Breaker lets everything through.
type Breaker struct {
	name     string
	failures int
	open     time.Duration
	board    *board // nil: this process alone
	log      zerolog.Logger
	metrics  *metrics
	wake     chan struct{} // the watch looks now
	asking   sync.Mutex    // one caller at a time asks for the probe

	mu          sync.Mutex
	local       *gobreaker.TwoStepCircuitBreaker[any] // what this process has met since the breaker closed
	localUntil  time.Time                             // while it is open
	failure     string                                // the last one that this process met
	seen        sight                                 // what the board said last
	blind       bool                                  // it did not answer when it was last asked
	unpublished bool                                  // this process has opened, and the board does not know
	told        bool                                  // the log says that it is open
}

// Done ends a call that a breaker let through: nil where the other side works,
// ErrInconclusive where the call does not tell, and the failure else. Call it
// once.
type Done func(failure error)

// How a breaker follows the board.
const (
	lookEvery  = 250 * time.Millisecond // between two looks
	askTime    = 500 * time.Millisecond // how long a call waits for the board
	probeTime  = 30 * time.Second       // how long a probe is held whose call has no deadline
	probeSlack = 5 * time.Second        // and how much longer than the call any other
	probeWait  = 2 * time.Second        // when to ask again while somebody probes
)

// Allow asks whether a call may be made now. Where it may, done must be called
// with what came of it; where it may not, the error is a *Refusal.
func (b *Breaker) Allow(ctx context.Context) (done Done, err error) {
	if b == nil {
		return func(error) {}, nil
	}
	if ctx.Value(watching{}) != nil {
		return func(error) {}, b.Check()
	}
	b.mu.Lock()
	s := b.view()
	b.mu.Unlock()
	switch s.state {
	case Open:
		return nil, b.refusal(time.Until(s.until), s.cause)
	case HalfOpen:
		return b.probe(ctx, s)
	}
	return b.allowLocal()
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

// allowLocal goes by what this process has met itself.
func (b *Breaker) allowLocal() (Done, error) {
	b.mu.Lock()
	local, until, cause := b.local, b.localUntil, b.failure
	b.mu.Unlock()
	done, err := local.Allow()
	switch {
	case errors.Is(err, gobreaker.ErrTooManyRequests):
		return nil, b.refusal(probeWait, cause)
	case err != nil:
		return nil, b.refusal(time.Until(until), cause)
	}
	return func(failure error) {
		b.note(failure)
		done(failure)
	}, nil
}

func (b *Breaker) refusal(wait time.Duration, cause string) *Refusal {
	return &Refusal{Policy: "the breaker of " + b.name, Wait: max(wait, 0), Cause: cause, Closed: true}
}

func (b *Breaker) note(failure error) {
	if failure == nil || inconclusive(failure) {
		return
	}
	b.mu.Lock()
	b.failure = failure.Error()
	b.mu.Unlock()
}

// probe asks the board for the one probe of all processes.
func (b *Breaker) probe(ctx context.Context, s sight) (Done, error) {
	if s.probed && time.Since(s.at) < lookEvery || !b.asking.TryLock() {
		return nil, b.refusal(probeWait, s.cause)
	}
	defer b.asking.Unlock()
	token, hold := uuid.NewString(), probeFor(ctx)
	s, err := within(ctx, askTime, func(ctx context.Context) (sight, error) { return b.board.probe(ctx, token, hold) },
		func(late sight) { b.settle(late, token, ErrInconclusive) })
	if err != nil {
		b.saw(sight{}, err)
		return b.allowLocal()
	}
	switch {
	case s.mine:
		return func(failure error) {
			b.note(failure)
			b.settle(s, token, failure)
		}, nil
	case s.state == Closed:
		b.saw(s, nil)
		return b.allowLocal()
	case s.state == Open:
		b.saw(s, nil)
		return nil, b.refusal(time.Until(s.until), s.cause)
	}
	b.saw(s, nil)
	return nil, b.refusal(min(time.Until(s.until), probeWait), s.cause)
}

// probeFor is how long the probe of a call is held: somebody else gets it when
// this process has died with it.
func probeFor(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return probeTime
	}
	return time.Until(deadline) + probeSlack
}

// settle tells the board what came of a probe that this process held.
func (b *Breaker) settle(s sight, token string, failure error) {
	if !s.mine {
		return
	}
	after, err := within(context.Background(), askTime, func(ctx context.Context) (sight, error) {
		return b.board.settle(ctx, token, failure, b.open)
	}, nil)
	if err == nil && after.state == Open {
		b.metrics.opened.WithLabelValues(b.name).Inc()
	}
	b.saw(after, err)
}

// State returns where the breaker stands in the eyes of this process, until when
// nothing passes where it is open, and what opened it.
func (b *Breaker) State() (state State, until time.Time, cause string) {
	b.mu.Lock()
	s, local, localUntil, failure := b.view(), b.local, b.localUntil, b.failure
	b.mu.Unlock()
	if s.state != Closed {
		return s.state, s.until, s.cause
	}
	switch local.State() {
	case gobreaker.StateOpen:
		return Open, localUntil, failure
	case gobreaker.StateHalfOpen:
		return HalfOpen, localUntil, failure
	}
	return Closed, time.Time{}, ""
}
