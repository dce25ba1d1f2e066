package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Faults says what goes wrong, and how often. The zero value is a HeyGen
// without faults.
//
// Chance is decided from Seed and the thing that a request is about: a create's
// Idempotency-Key (without one, its title), a render's key or id, and how often
// it was asked about since the faults were set. The order in which requests
// arrive decides nothing, so that concurrency does not change who is hit.
type Faults struct {
	Seed  uint64 `json:"seed"`
	Rules []Rule `json:"rules"`
}

// Rule makes one fault happen. Of several that would hit a request the first does.
type Rule struct {
	On         string        `json:"on"` // create, title, status, list, webhook or file
	Fault      string        `json:"fault"`
	Rate       float64       `json:"rate,omitempty"`  // probability; 0: always
	Count      int           `json:"count,omitempty"` // how often at most; 0: no limit
	For        time.Duration `json:"-"`               // for_ms in JSON: how long from now on; 0: until changed
	Delay      time.Duration `json:"-"`               // delay_ms in JSON; what it means depends on the fault
	RetryAfter int           `json:"retry_after,omitempty"`
	Title      string        `json:"title,omitempty"` // only what has it in its title; empty: everything
	Keep       int           `json:"keep,omitempty"`  // characters of a title that is cut
}

// What a rule can be on.
const (
	onCreate  = "create"
	onTitle   = "title"
	onStatus  = "status"
	onList    = "list"
	onFile    = "file"
	onWebhook = "webhook"
)

// faultNames are the faults by what they are on. The files that they are named
// after say what each does.
var faultNames = map[string][]string{
	onCreate: {
		"hang", "accept_hang", "accept_500", "accept_504", "accept_reset", "accept_half", "error_500", "reset", "in_progress",
		"throttle", "unpaid", "unauthorized", "invalid", "not_json", "error_200",
		"unscoped", "edge", "not_ready", "conflict", "odd_error",
	},
	onTitle: {"cut", "dropped"},
	onStatus: append([]string{
		"error_500", "unknown_word", "backwards", "not_found", "bulk_not_found", "left_out", "own_not_found", "no_link",
	}, fates...),
	onList:    {"error_500", "lag", "reset"},
	onWebhook: {"twice", "out_of_order", "early", "late", "forged", "unsigned", "replayed", "huge", "never"},
	onFile: {
		"truncated", "truncated_length", "truncated_chunked", "no_range", "range_200", "expired", "late", "html", "bit_flip",
		"slow", "endless", "redirect_private", "server_error",
		"no_sound", "silent", "too_short", "foreign", "no_size",
	},
}

// SetFaults replaces all rules from this moment on. Renders whose fate an
// earlier rule sealed keep it.
func (s *Simulator) SetFaults(f Faults) error {
	for i, rule := range f.Rules {
		if err := rule.check(); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	if len(f.Rules) == 0 {
		s.faults.Store(nil)
		return nil
	}
	s.faults.Store(newProgram(f, s.opts.Clock()))
	return nil
}

// Faults returns the rules as they were set, spent ones included, and how often
// each fault fired since the simulator was opened, under names such as
// "create/accept_reset".
func (s *Simulator) Faults() (Faults, map[string]int) {
	var f Faults
	if p := s.faults.Load(); p != nil {
		f = Faults{Seed: p.seed, Rules: slices.Clone(p.asSet)}
	}
	return f, s.fired.all()
}

func (r Rule) check() error {
	known, ok := faultNames[r.On]
	switch {
	case !ok:
		return fmt.Errorf("nothing goes wrong on %q; known: %s", r.On, strings.Join(slices.Sorted(maps.Keys(faultNames)), ", "))
	case !slices.Contains(known, r.Fault):
		return fmt.Errorf("unknown fault %q on %s; known: %s", r.Fault, r.On, strings.Join(known, ", "))
	case !(r.Rate >= 0 && r.Rate <= 1):
		return fmt.Errorf("rate %v is not from 0 to 1", r.Rate)
	case r.Count < 0 || r.For < 0 || r.Delay < 0 || r.RetryAfter < 0 || r.Keep < 0:
		return fmt.Errorf("count, for_ms, delay_ms, retry_after and keep must not be negative")
	}
	return nil
}

// plainRule is a Rule without its methods; ruleJSON is one in milliseconds.
type (
	plainRule Rule
	ruleJSON  struct {
		plainRule
		ForMS   int64 `json:"for_ms,omitempty"`
		DelayMS int64 `json:"delay_ms,omitempty"`
	}
)

// MarshalJSON writes durations in milliseconds.
func (r Rule) MarshalJSON() ([]byte, error) {
	return json.Marshal(ruleJSON{plainRule(r), r.For.Milliseconds(), r.Delay.Milliseconds()})
}

// UnmarshalJSON reads durations in milliseconds and refuses unknown fields.
func (r *Rule) UnmarshalJSON(raw []byte) error {
	var in ruleJSON
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return err
	}
	*r = Rule(in.plainRule)
	r.For, r.Delay = time.Duration(in.ForMS)*time.Millisecond, time.Duration(in.DelayMS)*time.Millisecond
	return nil
}
