package alert

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// memory is what one round leaves to the next.
type memory struct {
	Since     time.Time       `json:"since"`           // of the first round
	Signs     map[string]sign `json:"signs,omitempty"` // by rule and subject
	Counted   Operations      `json:"counted,omitempty"`
	CountedAt time.Time       `json:"counted_at"`
	Intervals []interval      `json:"intervals,omitempty"` // oldest first
}

// sign is what rounds saw of something that is wrong, or was.
type sign struct {
	Bad    bool      `json:"bad"`
	Since  time.Time `json:"since"`  // the first round that saw it so
	Rounds int       `json:"rounds"` // how many have, in a row
	Known  time.Time `json:"known"`  // the last one that could tell
}

// How many rounds in a row must agree before an alert starts or ends, so that
// what flaps starts none; and how long an alert stays active after the last
// round that could tell whether it is still true.
const (
	roundsToStart = 2
	roundsToEnd   = 2
	staleAfter    = 2 * time.Hour
)

func recall(r store.Round) (*memory, error) {
	m := &memory{}
	if err := json.Unmarshal(r.Memory, m); err != nil {
		return nil, fmt.Errorf("read what the last round left: %w", err)
	}
	if m.Since.IsZero() {
		m.Since = r.At
	}
	if m.Signs == nil {
		m.Signs = map[string]sign{}
	}
	return m, nil
}

// weigh turns findings into alerts that start and that end. It changes the
// alerts of r, and returns those that changed their state, as they are now.
func (m *memory) weigh(r *store.Round, findings []Finding) (changed []store.Alert) {
	active := map[string]*store.Alert{}
	for i := range r.Alerts {
		if a := &r.Alerts[i]; a.Active() {
			active[key(a.Rule, a.Subject)] = a
		}
	}
	told := map[string]bool{}
	var started []store.Alert
	for _, f := range findings {
		name := key(f.Rule, f.Subject)
		if f.Few && f.Bad && active[name] == nil {
			continue
		}
		told[name] = true
		s := m.sign(name, f.Bad, r.At)
		a := active[name]
		switch {
		case a == nil && f.Bad && s.Rounds >= roundsToStart:
			started = append(started, store.Alert{
				ID: uuid.Must(uuid.NewV7()), Rule: f.Rule, Subject: f.Subject, Summary: f.Summary, Since: s.Since,
			})
		case a == nil && !f.Bad:
			delete(m.Signs, name)
		case a != nil && f.Bad:
			a.Summary = f.Summary
		case a != nil && s.Rounds >= roundsToEnd:
			a.EndedAt = s.Since
			delete(m.Signs, name)
			changed = append(changed, *a)
		}
	}
	changed = append(changed, m.forget(r.At, active, told)...)
	r.Alerts = append(r.Alerts, started...)
	return append(changed, started...)
}

// sign notes what a round saw.
func (m *memory) sign(name string, bad bool, at time.Time) sign {
	s := m.Signs[name]
	if s.Rounds == 0 || s.Bad != bad {
		s = sign{Bad: bad, Since: at}
	}
	s.Rounds, s.Known = s.Rounds+1, at
	m.Signs[name] = s
	return s
}

// forget drops the signs of subjects that this round could tell nothing of. It
// ends such an alert if that has lasted: a machine that is gone has no disk that
// fills up.
func (m *memory) forget(at time.Time, active map[string]*store.Alert, told map[string]bool) (ended []store.Alert) {
	maps.DeleteFunc(m.Signs, func(name string, _ sign) bool { return !told[name] && active[name] == nil })
	for name, a := range sorted(active) {
		if told[name] {
			continue
		}
		s, seen := m.Signs[name]
		if !seen {
			s = m.sign(name, true, at)
		}
		if at.Sub(s.Known) > staleAfter {
			a.EndedAt = at
			a.Summary += " (not known for " + span(at.Sub(s.Known)) + ")"
			delete(m.Signs, name)
			ended = append(ended, *a)
		}
	}
	return ended
}

func key(rule, subject string) string { return rule + "/" + subject }
