package identity

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/policy"
	"heyq/store"
)

// Options is what a Keeper compares.
type Options struct {
	Store  Store
	Places []Place
	// Account asks HeyGen whose key this is, or returns store.SimulatorAccount.
	// An empty answer is one that this key may not have. nil: HeyGen is not used.
	Account func(context.Context) (string, error)
	Log     zerolog.Logger
}

// Store is the part of a store.Store that a Keeper needs.
type Store interface {
	Installation(ctx context.Context) (store.Installation, error)
	RememberAccount(ctx context.Context, account string) error
	Settle(ctx context.Context) error
	Advance(ctx context.Context, least int64) (int64, error)
	NoteSetBack(ctx context.Context) error
	PauseAdmission(ctx context.Context, reason string) (store.Admission, error)
	Counts(ctx context.Context) (map[store.State]int, error)
}

// Keeper sees to it that a process works only with the database, the Redis and the media
// store of its own installation. It is safe for concurrent use once Start has returned.
type Keeper struct {
	Options
	sent     atomic.Int64 // creates, in this process
	compared atomic.Bool  // HeyGen has said whose key this is, or that it does not say
	tries    int          // at being told so

	mu   sync.Mutex
	self store.Installation // as it was seen last
}

// New returns a Keeper for Start.
func New(o Options) *Keeper {
	k := &Keeper{Options: o}
	k.compared.Store(o.Account == nil)
	return k
}

// The rhythm of Run, and the longest that Start waits for a place.
const (
	tick      = 10 * time.Second
	soon      = time.Second // while HeyGen has not said whose key this is
	startTime = 5 * time.Second
	mostTries = 60 // then a HeyGen that answers everything else must not stand still for this
)

// Self is the installation as it was seen last.
func (k *Keeper) Self() store.Installation {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.self
}

// Permit refuses calls of HeyGen until it is known whose the key is, but for the call
// that asks this. It counts creates. It makes no call itself.
func (k *Keeper) Permit(call string) error {
	if !k.compared.Load() && call != "me" {
		return &policy.Refusal{Policy: "the installation", Wait: soon, Cause: "HeyGen has not yet said whose key this is"}
	}
	if call == "create" {
		k.sent.Add(1)
	}
	return nil
}

// Owns is a fault.Conflict if a place belongs to another installation by now, and
// any error if that cannot be told. Ask before something is deleted.
func (k *Keeper) Owns(ctx context.Context) error {
	self := k.Self()
	for _, p := range k.Places {
		m, err := p.Mark(ctx)
		if err != nil {
			return err
		}
		if err := foreign(self, p, m); err != nil {
			return err
		}
	}
	return nil
}

// Run compares until ctx ends, and returns an error if something belongs to
// another installation: then this process must end. A place without a mark (a
// Redis that came back empty) gets one.
func (k *Keeper) Run(ctx context.Context) error {
	var advanced int64 // of k.sent
	for {
		wait := tick
		if !k.compared.Load() {
			wait = soon
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		if err := k.compareAccount(ctx); err != nil {
			return err
		}
		if n := k.sent.Load(); n != advanced && k.advance(ctx) == nil {
			advanced = n
		}
		if err := k.compareMarks(ctx); err != nil {
			return err
		}
	}
}

// advance counts that creates were sent. A database that counts less than it did
// was set back under this process.
func (k *Keeper) advance(ctx context.Context) error {
	n, err := k.Store.Advance(ctx, 0)
	if err != nil {
		return err
	}
	k.mu.Lock()
	before := k.self.Generation
	k.self.Generation = max(n, before)
	k.mu.Unlock()
	if n > before {
		return nil
	}
	return k.setBack(ctx, before)
}

// setBack handles a database that was set back to an earlier state. It closes admission,
// has HeyGen searched for each older row before that is sent, and makes the database's
// generation the newest again.
func (k *Keeper) setBack(ctx context.Context, newest int64) error {
	if err := k.pause(ctx, store.SetBackReason); err != nil {
		return err
	}
	if err := k.Store.NoteSetBack(ctx); err != nil {
		return err
	}
	n, err := k.Store.Advance(ctx, newest)
	if err == nil {
		k.mu.Lock()
		k.self.Generation = n
		k.mu.Unlock()
	}
	return err
}

func (k *Keeper) pause(ctx context.Context, reason string) error {
	k.Log.Error().Msg("admission is paused: " + reason)
	_, err := k.Store.PauseAdmission(ctx, reason)
	return err
}

// compareMarks looks at every place, and brings its mark up to date. A place that
// does not answer is looked at again.
func (k *Keeper) compareMarks(ctx context.Context) error {
	self := k.Self()
	for _, p := range k.Places {
		m, err := p.Mark(ctx)
		if err != nil {
			continue
		}
		if err := foreign(self, p, m); err != nil {
			return err
		}
		if m.Installation != self.ID || m.Generation < self.Generation {
			_ = p.SetMark(ctx, markOf(self))
		}
	}
	return nil
}

// compareAccount asks whose key this is, until it is answered: a process' key
// does not change.
func (k *Keeper) compareAccount(ctx context.Context) error {
	if k.compared.Load() {
		return nil
	}
	account, err := k.Account(ctx)
	if k.tries++; err != nil && k.tries < mostTries {
		return nil // nothing else is asked of HeyGen meanwhile
	}
	if err := k.knows(ctx, account); err != nil {
		return err
	}
	k.compared.Store(true)
	return nil
}

// knows compares an account with the one that is remembered.
func (k *Keeper) knows(ctx context.Context, account string) error {
	self := k.Self()
	if account == "" || account == self.Account {
		return nil
	}
	if err := foreignAccount(self, account); err != nil {
		return err
	}
	if self.Account == store.SimulatorAccount {
		if err := k.leaveSimulator(ctx); err != nil {
			return err
		}
	}
	if err := k.Store.RememberAccount(ctx, account); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.self.Account = account
	return nil
}

// foreignAccount is a fault.Conflict if i's renders are at another account.
func foreignAccount(i store.Installation, account string) error {
	switch known := i.Account; {
	case account == "", account == known, known == "", known == store.SimulatorAccount:
		return nil
	case account == store.SimulatorAccount:
		return fault.New(fault.Conflict, "this database was used with the HeyGen account %s, and never takes the simulator: it knows none of those renders", known).
			WithHint("set HEYGEN_API_KEY, or try things with a database (HEYQ_DIR or DATABASE_URL) of their own")
	default:
		return fault.New(fault.Conflict, "the key is of the HeyGen account %s, and this database (installation %s) was used with %s, which renders its videos", account, i.ID, known).
			WithHint("put the key of that account into HEYGEN_API_KEY; if the account was changed for good, run `heyq adopt` once")
	}
}

// leaveSimulator logs that renders cost money from now on, and keeps what was asked for
// before from being sent.
func (k *Keeper) leaveSimulator(ctx context.Context) error {
	counts, err := k.Store.Counts(ctx)
	if err != nil {
		return err
	}
	open := counts[store.Queued] + counts[store.Submitting] + counts[store.Rendering]
	if open == 0 {
		k.Log.Warn().Msg("this database was used with the simulator; from now on HeyGen renders, for money")
		return nil
	}
	return k.pause(ctx, fmt.Sprintf(store.SimulatorReason, open))
}
