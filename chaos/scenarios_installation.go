package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"heyq/internal/fault"
	"heyq/store"
)

func installationScenarios() []Scenario {
	return []Scenario{
		{
			Name: "rolling-update", Proves: "an older heyq and this one work side by side on a database that this one has migrated: in a rolling update, and on the way back",
			prepare: busy(120, 30*time.Second, nil), missing: wantsOld,
			script: rolling,
			expect: all(completed, goneInTime, sideBySide),
		},
		{
			Name: "intruders", Proves: "no heyq starts on another one's Redis or media, with another account's key, without a key, or on a copy of the database beside the original",
			script: intruders,
			expect: all(completed, everyoneTurnedAway),
		},
		{
			Name: "staging-clone", Proves: "a copy of the database with a Redis and media of its own, and with the original's key, sends nothing that the original has not sent",
			script: at(staging, twice...), expect: completed,
		},
		{
			Name: "database-set-back", Proves: "a database that is set back closes admission until a person has looked, and what is sent again then is not paid again",
			script: func(Options) []Fault { return setBackDatabase(5*time.Second, 12*time.Second) },
			expect: all(completed, noticed),
		},
	}
}

func wantsOld(_ context.Context, o Options) error {
	if o.Old == "" {
		return fault.New(fault.Invalid, "this scenario needs an older heyq").
			WithHint("name its program with -old; from a checkout, make chaos scenario=rolling-update builds one")
	}
	return nil
}

// rolling replaces one process after the other by a new one, the API last, and a
// worker by an old one again.
func rolling(o Options) []Fault {
	replace := func(at time.Duration, name, binary string, of func(*stage) *child) Fault {
		return Fault{
			Name: "replaced", On: name, At: at,
			strike: func(_ context.Context, s *stage, hit *Strike) error {
				took, err := of(s).replace(binary, stopPatience)
				hit.Said = goneAfter + took.Round(time.Millisecond).String()
				return err
			},
		}
	}
	const step = 3 * time.Second
	var script []Fault
	for n := range o.Workers {
		script = append(script, replace(time.Duration(n+1)*step, workerName(n), o.Binary, func(s *stage) *child { return s.workers[n] }))
	}
	for n := range schedulers {
		script = append(script, replace(time.Duration(len(script)+1)*step, schedulerName(n), o.Binary, func(s *stage) *child { return s.schedulers[n] }))
	}
	return append(script,
		replace(time.Duration(len(script)+1)*step, "api", o.Binary, func(s *stage) *child { return s.api }),
		replace(time.Duration(len(script)+2)*step, workerName(0), o.Old, func(s *stage) *child { return s.workers[0] }))
}

// sideBySide expects that old and new workers ended runs while the other kind was at
// work too: between the first worker that was replaced, and the last.
func sideBySide(e evidence, x *Expectation) {
	replaced := map[string]time.Time{}
	var first, last time.Time
	for _, s := range e.strikes {
		if _, again := replaced[s.On]; again || !strings.HasPrefix(s.On, "worker-") {
			continue
		}
		replaced[s.On] = s.Ended
		if first.IsZero() {
			first = s.Ended
		}
		last = s.Began
	}
	before, after := 0, 0
	for _, list := range e.tape {
		for n := 1; n < len(list); n++ {
			at, ours := replaced[list[n].Writer]
			switch now := list[n].At; {
			case !ours || !list[n].ends(list[n-1]) || now.Before(first) || now.After(last):
			case now.After(at):
				after++
			default:
				before++
			}
		}
	}
	x.Checked += fmt.Sprintf("; side by side the old ones ended %d runs, the new ones %d", before, after)
	if before == 0 || after == 0 {
		x.breach("they did not work side by side: this run shows nothing")
	}
}

// intruders tries each of them, one after the other.
func intruders(o Options) []Fault {
	chance := rand.New(rand.NewPCG(o.Seed, 2))
	var script []Fault
	for _, card := range installationFaults {
		if f := card(chance, o); strings.HasPrefix(f.Name, "intruder-") {
			f.At = time.Duration(len(script)+1) * 3 * time.Second
			script = append(script, f)
		}
	}
	return script
}

func everyoneTurnedAway(e evidence, x *Expectation) {
	for _, s := range e.strikes {
		if s.Said != turnedAway {
			x.breach(fmt.Sprintf("%s %s: %s", s.Name, s.Said, s.Detail))
		}
	}
}

// noticed expects that heyq knew of the older database by itself.
func noticed(e evidence, x *Expectation) {
	x.Checked += fmt.Sprintf("; %s went with the database", count(len(e.forgiven), "promise"))
	for _, reason := range e.closed {
		if reason == store.SetBackReason {
			return
		}
	}
	x.breach(fmt.Sprintf("admission was closed for %q only", e.closed))
}
