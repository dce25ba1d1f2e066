package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is one thing that goes wrong.
type Fault struct {
	Name   string        `json:"name"`             // redis-flushall
	On     string        `json:"on"`               // what it happens to: worker-2, redis
	Detail string        `json:"detail,omitempty"` // its parameters
	At     time.Duration `json:"at_ns"`            // planned, since the start of the script
	For    time.Duration `json:"for_ns"`           // planned; 0: it is over as soon as it has struck

	// strike makes it happen and lift takes it back; lift may be nil. A strike may
	// say more of itself: what came of it, and when it hit.
	strike func(ctx context.Context, s *stage, hit *Strike) error
	lift   act
}

// Strike is a fault that happened.
type Strike struct {
	Fault
	Began time.Time `json:"began"`
	Hit   time.Time `json:"hit"`   // later than Began if a moment was waited for
	Ended time.Time `json:"ended"` // when it was taken back
	Said  string    `json:"said,omitempty"`
	Err   string    `json:"error,omitempty"`
	Cost  *Cost     `json:"cost,omitempty"` // of a long one
}

// theatre plays a script on a stage: each fault in its time, those that happen
// to the same thing one after the other.
type theatre struct {
	stage *stage
	tell  func(Event)
	began time.Time

	machine sync.RWMutex // its faults happen alone, all others of what runs on it together

	mu      sync.Mutex
	held    map[string]*sync.Mutex // by what a fault happens to
	strikes []Strike
}

func newTheatre(s *stage, tell func(Event)) *theatre {
	return &theatre{stage: s, tell: tell, began: time.Now(), held: map[string]*sync.Mutex{}}
}

// play returns when every fault is taken back. An error means that one could
// not be, or that ctx ended.
func (t *theatre) play(ctx context.Context, script []Fault) error {
	var all sync.WaitGroup
	errs := make(chan error, len(script))
	for _, f := range script {
		all.Go(func() {
			if pause(ctx, time.Until(t.began.Add(f.At))) {
				errs <- t.perform(ctx, f)
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// perform lets one fault happen, from the strike to its end.
func (t *theatre) perform(ctx context.Context, f Fault) error {
	on := t.resource(f.On)
	on.Lock()
	defer on.Unlock()
	switch {
	case f.On == machine:
		t.machine.Lock()
		defer t.machine.Unlock()
	case !elsewhere(f.On):
		t.machine.RLock()
		defer t.machine.RUnlock()
	}
	if ctx.Err() != nil {
		return nil
	}
	s := Strike{Fault: f, Began: time.Now()}
	if err := f.strike(ctx, t.stage, &s); err != nil {
		s.Err = err.Error()
	}
	if s.Hit.IsZero() {
		s.Hit = s.Began
	}
	t.tell(Event{At: time.Since(t.began), Kind: FaultBegins, Fault: &s})
	if f.For > 0 {
		since := t.stage.meter()
		pause(ctx, time.Until(s.Hit.Add(f.For)))
		s.Cost = t.stage.cost(since)
	}
	if f.lift != nil && ctx.Err() == nil {
		if err := f.lift(ctx, t.stage); err != nil {
			return fmt.Errorf("take back %s on %s: %w", f.Name, f.On, err)
		}
	}
	s.Ended = time.Now()
	if f.For > 0 {
		t.tell(Event{At: time.Since(t.began), Kind: FaultEnds, Fault: &s})
	}
	t.mu.Lock()
	t.strikes = append(t.strikes, s)
	t.mu.Unlock()
	return nil
}

// elsewhere reports whether that is no part of the machine that heyq and its
// servers run on.
func elsewhere(on string) bool { return strings.HasPrefix(on, "heygen-") || on == "receiver" }

func (t *theatre) resource(name string) *sync.Mutex {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held[name] == nil {
		t.held[name] = &sync.Mutex{}
	}
	return t.held[name]
}

// played returns what happened, in its order.
func (t *theatre) played() []Strike {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.SortedFunc(slices.Values(t.strikes), func(a, b Strike) int { return a.Began.Compare(b.Began) })
}
