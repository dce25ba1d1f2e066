package handlers

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"heyq/store"
)

// leases renews what a worker runs, and keeps what waits inside its tasks from
// being dispatched again: one UPDATE each, every quarter of a lease.
type leases struct {
	store store.Machine
	every time.Duration
	log   zerolog.Logger

	mu      sync.Mutex
	running map[store.Claim]runner // by video and run
	held    map[store.Claim]bool   // false: it was lost, and must not begin
}

type runner struct {
	fence store.Fence
	lost  context.CancelCauseFunc
}

// errLeaseLost ends the context of a run whose lease another worker may have.
var errLeaseLost = errors.New("the lease is lost")

func newLeases(s store.Machine, lease time.Duration, log zerolog.Logger) *leases {
	return &leases{
		store: s, every: lease / 4, log: log,
		running: map[store.Claim]runner{}, held: map[store.Claim]bool{},
	}
}

func (l *leases) run(ctx context.Context) error {
	ticker := time.NewTicker(l.every)
	defer ticker.Stop()
	for failed := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		// A store that is away is not a lost lease: the fence decides.
		err := errors.Join(l.renew(ctx), l.hold(ctx, l.waiting()))
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failed:
			l.log.Warn().Err(err).Msg("leases cannot be renewed; the store says later which are lost")
		case err == nil && failed:
			l.log.Info().Msg("leases are renewed again")
		}
		failed = err != nil
	}
}

// start registers runs that share an outside call. The context that it returns ends
// with the lease if there is one run. One lost lease of several does not end the call:
// it answers for the others too. stop ends the registration.
func (l *leases) start(ctx context.Context, runs []store.Run) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	lost := cancel
	if len(runs) > 1 {
		lost = func(error) {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, run := range runs {
		l.running[keyOf(run.Fence)] = runner{run.Fence, lost}
	}
	return ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, run := range runs {
			delete(l.running, keyOf(run.Fence))
		}
		cancel(nil)
	}
}

func keyOf(f store.Fence) store.Claim { return store.Claim{Video: f.Video, Claim: f.Run} }

func (l *leases) renew(ctx context.Context) error {
	l.mu.Lock()
	fences := make([]store.Fence, 0, len(l.running))
	for _, r := range l.running {
		fences = append(fences, r.fence)
	}
	l.mu.Unlock()
	if len(fences) == 0 {
		return nil
	}
	renewed, err := l.store.Renew(ctx, fences)
	if err != nil {
		return err
	}
	kept := make(map[store.Claim]bool, len(renewed))
	for _, f := range renewed {
		kept[keyOf(f)] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range fences {
		if r, still := l.running[keyOf(f)]; still && !kept[keyOf(f)] {
			r.lost(errLeaseLost)
		}
	}
	return nil
}

// wait holds claims that cannot begin yet. It forgets them with release.
func (l *leases) wait(ctx context.Context, claims []store.Claim) error {
	if len(claims) == 0 {
		return nil
	}
	l.mu.Lock()
	for _, c := range claims {
		l.held[c] = true
	}
	l.mu.Unlock()
	return l.hold(ctx, claims)
}

// release takes claims out of the held ones, and returns those that may begin.
func (l *leases) release(claims []store.Claim) (current []store.Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range claims {
		if held, known := l.held[c]; held || !known {
			current = append(current, c)
		}
		delete(l.held, c)
	}
	return current
}

func (l *leases) waiting() []store.Claim {
	l.mu.Lock()
	defer l.mu.Unlock()
	claims := make([]store.Claim, 0, len(l.held))
	for c, held := range l.held {
		if held {
			claims = append(claims, c)
		}
	}
	return claims
}

// hold extends the claims in the store and marks those that are out of date.
func (l *leases) hold(ctx context.Context, claims []store.Claim) error {
	if len(claims) == 0 {
		return nil
	}
	held, err := l.store.Hold(ctx, claims)
	if err != nil {
		return err
	}
	current := make(map[store.Claim]bool, len(held))
	for _, c := range held {
		current[c] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range claims {
		if _, still := l.held[c]; still && !current[c] {
			l.held[c] = false
		}
	}
	return nil
}

// giveBack makes claims due again that were taken off the queue and not begun.
func (h *Handlers) giveBack(ctx context.Context, claims []store.Claim) error {
	h.leases.release(claims)
	return h.Store.Unclaim(context.WithoutCancel(ctx), claims)
}
