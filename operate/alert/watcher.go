package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/logkey"
	"heyq/jobs"
	"heyq/store"
)

// Store is what a round asks of the store, and where it remembers.
type Store interface {
	store.Alerts
	Backlog(ctx context.Context) (store.Backlog, error)
	Admission(ctx context.Context) (store.Admission, error)
	CountJobs(ctx context.Context, f store.JobFilter) ([]store.JobCount, error)
	SinceRun(ctx context.Context, name string) (ago time.Duration, ran bool, err error)
}

// Options are what a Watcher works on. Store is required.
type Options struct {
	Store    Store
	Sources  Sources
	Schedule []jobs.Entry // of which each is to run
	Slots    int          // render slots that there are
	Limits   Limits
	Webhook  *Webhook // nil: alerts are only logged
	Place    string   // which heyq this is, for people
	Log      zerolog.Logger
	Recheck  time.Duration // until a slot that was idle is looked at again; 0: 2s
}

// Watcher looks whether all is well. It is safe for concurrent use, by any number
// of processes on one store.
type Watcher struct{ Options }

// New returns a watcher.
func New(o Options) *Watcher {
	if o.Recheck == 0 {
		o.Recheck = 2 * time.Second
	}
	return &Watcher{o}
}

// roundTime ends a round before its lease does, so that a round that was
// overtaken sends no message.
const roundTime = store.RoundLease * 4 / 5

// Round makes one round: it asks, and tells what has started and ended since the last
// round. If another round is under way it does nothing. A message that cannot be sent is not
// an error: the next round tries again.
func (w *Watcher) Round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, roundTime)
	defer cancel()
	round, ok, err := w.Store.BeginRound(ctx)
	if err != nil || !ok {
		return err
	}
	err = w.run(ctx, &round)
	return errors.Join(err, w.Store.EndRound(context.WithoutCancel(ctx), round.Number))
}

func (w *Watcher) run(ctx context.Context, round *store.Round) error {
	m, err := recall(*round)
	if err != nil {
		// Nothing can be made of it, and nothing hangs on it but a minute's patience.
		w.Log.Warn().Err(err).Msg("the watch begins anew")
		m = &memory{Since: round.At, Signs: map[string]sign{}}
	}
	findings := Check(w.Limits, w.figures(ctx, round.At, m))
	changed := m.weigh(round, findings)
	if round.Memory, err = json.Marshal(m); err != nil {
		return fmt.Errorf("encode what this round leaves: %w", err)
	}
	if ok, err := w.Store.KeepRound(ctx, *round); err != nil || !ok {
		return err
	}
	for _, a := range changed {
		w.log(a)
	}
	return w.tell(ctx, round)
}

// log writes an alert into the log, at a level that is always shown.
func (w *Watcher) log(a store.Alert) {
	event, said := w.Log.Error(), "an alert has started"
	if !a.Active() {
		event, said = w.Log.Info().Time(logkey.Ended, a.EndedAt), "an alert has ended"
	}
	event.Str(logkey.Alert, a.Rule).Str(logkey.Subject, a.Subject).Str(logkey.Summary, a.Summary).
		Time(logkey.Since, a.Since).Str(logkey.Command, RuleOf(a.Rule).Command).Msg(said)
}

// tell sends what was not sent yet, and notes each message as soon as it is
// sent. It stops at the first that fails: the others would fail as well.
func (w *Watcher) tell(ctx context.Context, round *store.Round) error {
	for i := range round.Alerts {
		a := &round.Alerts[i]
		if a.Active() && !a.StartSentAt.IsZero() {
			continue
		}
		failure := w.post(ctx, *a)
		if failure == nil {
			sent(a, round.At)
		} else {
			a.SendError = failure.Error()
			w.Log.Warn().Err(failure).Str(logkey.Alert, a.Rule).Msg("an alert could not be sent; the next round tries again")
		}
		ok, err := w.Store.KeepRound(context.WithoutCancel(ctx), *round)
		if err != nil || !ok || failure != nil {
			return err
		}
	}
	return nil
}

func (w *Watcher) post(ctx context.Context, a store.Alert) error {
	if w.Webhook == nil {
		return nil
	}
	return w.Webhook.Post(ctx, message(a, w.Place))
}

// sent notes that the last message about an alert has been sent. One that ended
// before its start could be told was told of once, at its end.
func sent(a *store.Alert, at time.Time) {
	a.SendError = ""
	if a.StartSentAt.IsZero() {
		a.StartSentAt = at
	}
	if !a.Active() {
		a.EndSentAt = at
	}
}

// Ended tells the operator that this process ends itself, and why. If it was
// the last process, no later round would tell it. Without a webhook Ended does
// nothing.
func (w *Watcher) Ended(ctx context.Context, why error) error {
	if w.Webhook == nil {
		return nil
	}
	said, remedy := why.Error(), "`heyq doctor` says more"
	if f, ok := errors.AsType[*fault.Error](why); ok {
		said, remedy = f.Message, f.Hint
	}
	return w.Webhook.Post(ctx, endMessage(w.Place, said, remedy))
}

// Test sends a message that says that messages arrive. A fault.Invalid: there is
// no webhook; a fault.Unavailable: it did not take it.
func (w *Watcher) Test(ctx context.Context) error {
	if w.Webhook == nil {
		return fault.New(fault.Invalid, "it is not set where alerts go").
			WithField("HEYQ_ALERT_WEBHOOK", nil, "is not set").
			WithHint("set it to an incoming webhook of Slack's for every role, and restart them")
	}
	if err := w.Webhook.Post(ctx, testMessage(w.Place)); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the test message was not delivered: %v", err).
			WithHint("look at HEYQ_ALERT_WEBHOOK")
	}
	return nil
}
