package identity

import (
	"context"

	"heyq/internal/fault"
	"heyq/store"
)

// Start compares everything, and marks what has no mark. A fault.Conflict: a
// place or the account belongs to another installation, and this process must
// not start. A place that cannot be asked is no reason: Run asks again.
func (k *Keeper) Start(ctx context.Context) error {
	asked, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	marks := k.marks(asked) // before the database, which is never behind them
	self, err := k.Store.Installation(ctx)
	if err != nil {
		return err
	}
	k.mu.Lock()
	k.self = self
	k.mu.Unlock()
	for i, p := range k.Places {
		if err := foreign(self, p, marks[i]); err != nil {
			return err
		}
	}
	if err := k.compareAccount(asked); err != nil {
		return err
	}
	if err := k.settle(ctx, self, marks); err != nil {
		return err
	}
	return k.compareMarks(asked)
}

// marks reads the mark of every place; the zero one stands for what did not
// answer.
func (k *Keeper) marks(ctx context.Context) []Mark {
	marks := make([]Mark, len(k.Places))
	for i, p := range k.Places {
		m, err := p.Mark(ctx)
		if err != nil {
			k.Log.Warn().Err(err).Msg("it cannot be told which installation this belongs to; it is looked at again")
		}
		marks[i] = m
	}
	return marks
}

// Database can tell which installation it belongs to.
type Database interface {
	Installation(ctx context.Context) (store.Installation, error)
}

// Examine compares what Start compares, in the same words, and writes nothing. A
// fault.Conflict is what Start refuses; anything else is what a start would do, or
// what could not be asked. A nil account is not asked.
func Examine(ctx context.Context, d Database, places []Place, account func(context.Context) (string, error)) (self store.Installation, found []error) {
	marks := make([]Mark, len(places))
	for i, p := range places {
		var err error
		if marks[i], err = p.Mark(ctx); err != nil {
			found = append(found, fault.Wrap(err, fault.Unavailable, "it cannot be told whose %s is", p.Name()).
				WithHint("see what else is said of it"))
		}
	}
	self, err := d.Installation(ctx) // after the marks, which are never ahead of it
	if err != nil {
		return self, append(found, err)
	}
	for i, p := range places {
		if err := foreign(self, p, marks[i]); err != nil {
			found = append(found, err)
		}
	}
	if account != nil {
		if name, err := account(ctx); err == nil && foreignAccount(self, name) != nil {
			found = append(found, foreignAccount(self, name))
		}
	}
	if self.Copied() {
		found = append(found, paused(store.CopiedReason))
	}
	if newestOf(self, marks) > self.Generation {
		found = append(found, paused(store.SetBackReason))
	}
	return self, found
}

// paused says what a start makes of a reason.
func paused(reason string) error {
	return fault.New(fault.Unavailable, "admission is paused from the next start on: %s", reason).
		WithHint("compare with HeyGen's list of videos, then `heyq admission resume`")
}

// settle notices a database that was copied or set back.
func (k *Keeper) settle(ctx context.Context, self store.Installation, marks []Mark) error {
	if self.Copied() {
		if err := k.pause(ctx, store.CopiedReason); err != nil {
			return err
		}
	}
	if self.Home != self.Here && self.Here != "" {
		if err := k.Store.Settle(ctx); err != nil {
			return err
		}
	}
	if newest := newestOf(self, marks); newest > self.Generation {
		return k.setBack(ctx, newest)
	}
	return nil
}

// newestOf is the newest generation that the installation is known to have had.
func newestOf(self store.Installation, marks []Mark) int64 {
	newest := self.Generation
	for _, m := range marks {
		if m.Installation == self.ID {
			newest = max(newest, m.Generation)
		}
	}
	return newest
}

// Adopt makes the installation the owner of every place and of the account, and
// tells of each that was another's. All of them must answer.
func (k *Keeper) Adopt(ctx context.Context, tell func(string)) error {
	marks := make([]Mark, len(k.Places))
	for i, p := range k.Places {
		var err error
		if marks[i], err = p.Mark(ctx); err != nil {
			return err
		}
	}
	self, err := k.Store.Installation(ctx)
	if err != nil {
		return err
	}
	k.self = self
	if newest := newestOf(self, marks); newest > self.Generation {
		if err := k.setBack(ctx, newest); err != nil {
			return err
		}
		tell("admission is paused: " + store.SetBackReason)
	}
	if err := k.Store.Settle(ctx); err != nil {
		return err
	}
	for i, p := range k.Places {
		if err := p.SetMark(ctx, markOf(k.Self())); err != nil {
			return err
		}
		if was := marks[i]; foreign(self, p, was) != nil {
			tell(p.Name() + " was installation " + was.Installation.String() + "'s")
		}
	}
	return k.adoptAccount(ctx, tell)
}

func (k *Keeper) adoptAccount(ctx context.Context, tell func(string)) error {
	if k.Account == nil {
		return nil
	}
	account, err := k.Account(ctx)
	known := k.Self().Account
	if err != nil || account == "" || account == known || account == store.SimulatorAccount {
		return err
	}
	if known != "" {
		tell("the HeyGen account " + account + " takes the place of " + known)
	}
	return k.Store.RememberAccount(ctx, account)
}
