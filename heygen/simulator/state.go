package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"sync"
	"time"
)

// state is everything that the account remembers. Each change is one record:
// it is written to the journal first and applied second, under one short lock.
type state struct {
	now     func() time.Time
	dir     string        // empty: memory only
	applied func(*record) // hears of each change, under the lock; nil: nothing does

	mu          sync.Mutex
	journal     *journal // nil: memory only
	secret      string   // signs links
	renders     map[string]*render
	order       []*render // by acceptance; only ever appended to
	inFlight    flights
	maxInFlight int
	answers     map[scope]kept
	busy        map[scope]struct{} // keys in flight; gone with the process, as the requests are
	webhooks    []*webhook         // by registration
	assets      map[string]*asset
	calls       map[string]int64
}

// record is one change. Exactly one part of it is set, but for an answer, a
// fate and what was told, which are committed together with what they are about.
type record struct {
	Secret      string           `json:"secret,omitempty"`
	MaxInFlight int              `json:"max_in_flight,omitempty"`
	Calls       map[string]int64 `json:"calls,omitempty"` // added to the counters
	Render      *render          `json:"render,omitempty"`
	Fate        *fate            `json:"fate,omitempty"`
	Told        string           `json:"told,omitempty"`    // a video's id: the webhooks of its end are done with
	Deleted     string           `json:"deleted,omitempty"` // a video's id
	Webhook     *webhook         `json:"webhook,omitempty"` // registered or changed
	Unhooked    string           `json:"unhooked,omitempty"`
	Asset       *asset           `json:"asset,omitempty"`
	Kept        *kept            `json:"kept,omitempty"`
}

var errClosed = errors.New("simulator is closed")

func openState(dir string, now func() time.Time) (*state, error) {
	st := &state{
		now:     now,
		dir:     dir,
		renders: map[string]*render{},
		answers: map[scope]kept{},
		busy:    map[scope]struct{}{},
		assets:  map[string]*asset{},
		calls:   map[string]int64{},
	}
	if dir != "" {
		if err := replayJournal(dir, st.apply); err != nil {
			return nil, err
		}
	}
	if st.secret == "" {
		st.secret = newID()
	}
	if dir == "" {
		return st, nil
	}
	j, err := rewriteJournal(dir, st.snapshot)
	if err != nil {
		return nil, err
	}
	st.journal = j
	return st, nil
}

func (st *state) close() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.journal == nil {
		return nil
	}
	return st.journal.close()
}

// commit runs a draft and makes its record last, the answer under its key
// included, before the client sees the answer.
func (st *state) commit(at scope, d draft) (answer, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.now()
	rec, a := d(st, now)
	if at.Key != "" && replayable(a.Status) {
		if rec == nil {
			rec = &record{}
		}
		rec.Kept = &kept{Scope: at, AtMS: now.UnixMilli(), Answer: answer{Status: a.Status, Body: a.Body}}
	}
	if rec == nil {
		return a, nil
	}
	return a, st.write(rec)
}

// count adds one call under its short name.
func (st *state) count(name string) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.journal == nil {
		st.calls[name]++
		return nil
	}
	return st.write(&record{Calls: map[string]int64{name: 1}})
}

// name makes a call's counter visible before it is first used.
func (st *state) name(call string) {
	if _, ok := st.calls[call]; !ok {
		st.calls[call] = 0
	}
}

// write journals rec and applies it. The caller holds the lock.
func (st *state) write(rec *record) error {
	if st.journal != nil {
		if err := st.journal.append(rec); err != nil {
			return err
		}
	}
	st.apply(rec)
	if st.applied != nil {
		st.applied(rec)
	}
	return nil
}

// apply is the one place where the account changes, live and on replay alike.
func (st *state) apply(rec *record) {
	if rec.Secret != "" {
		st.secret = rec.Secret
	}
	st.maxInFlight = max(st.maxInFlight, rec.MaxInFlight)
	for name, n := range rec.Calls {
		st.calls[name] += n
	}
	if rec.Render != nil {
		st.addRender(rec.Render)
	}
	if rec.Fate != nil {
		st.applyFate(rec.Fate)
	}
	if v, ok := st.renders[rec.Told]; ok {
		v.told.Store(true)
	}
	if rec.Deleted != "" {
		st.dropRender(rec.Deleted)
	}
	if rec.Webhook != nil {
		st.putWebhook(rec.Webhook)
	}
	if rec.Unhooked != "" {
		st.dropWebhook(rec.Unhooked)
	}
	if rec.Asset != nil {
		st.assets[rec.Asset.ID] = rec.Asset
	}
	if rec.Kept != nil {
		st.answers[rec.Kept.Scope] = *rec.Kept
	}
}

// snapshot yields the records that make this state from nothing, without the
// keys that have expired.
func (st *state) snapshot(yield func(*record) bool) {
	if !yield(&record{Secret: st.secret, MaxInFlight: st.maxInFlight, Calls: st.calls}) {
		return
	}
	for _, v := range st.order {
		rec := &record{Render: v, Fate: v.fate.Load()}
		if v.told.Load() {
			rec.Told = v.ID
		}
		if !yield(rec) || v.gone.Load() && !yield(&record{Deleted: v.ID}) {
			return
		}
	}
	for _, w := range st.webhooks {
		if !yield(&record{Webhook: w}) {
			return
		}
	}
	for _, a := range st.assets {
		if !yield(&record{Asset: a}) {
			return
		}
	}
	for _, k := range st.answers {
		expired := st.now().UnixMilli()-k.AtMS >= keyLifetime.Milliseconds()
		if !expired && !yield(&record{Kept: &k}) {
			return
		}
	}
}

// newID returns 32 hexadecimal digits, the form of HeyGen's video ids.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
