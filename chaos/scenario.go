package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"heyq/internal/fault"
	"heyq/internal/suggest"
)

// Scenario is a short script that shows one thing, with expectations of its own
// beside the invariants.
type Scenario struct {
	Name   string
	Proves string // in one line

	missing func(context.Context, Options) error // says what this scenario needs and has not got; nil: nothing
	prepare func(*Options)                       // nil: the usual options
	script  func(Options) []Fault                // what happens
	expect  func(evidence, *Expectation)         // nil: the invariants are enough
}

// Expectation is what a scenario expects beside the invariants.
type Expectation = Invariant

// Scenarios lists all of them, by what they break.
func Scenarios() []Scenario {
	return slices.Concat(workerScenarios(), redisScenarios(), postgresScenarios(), heygenScenarios(), webhookScenarios(), diskScenarios(), installationScenarios(), otherScenarios())
}

// FindScenario returns the one with that name, or a fault.NotFound.
func FindScenario(name string) (Scenario, error) {
	var names []string
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	err := fault.New(fault.NotFound, "there is no scenario %q", name)
	return Scenario{}, err.WithHint("did you mean %s? See -list", suggest.Nearest(name, names))
}

// Prepare sets the options that the scenario wants.
func (s Scenario) Prepare(o *Options) {
	o.Videos, o.Users, o.Span, o.Quiet, o.Settle, o.Steady, o.OnDisk = 40, 0, 20*time.Second, 90*time.Second, 2*time.Second, true, nil
	if s.prepare != nil {
		s.prepare(o)
	}
}

// Run plays the scenario as Run plays a storm.
func (s Scenario) Run(ctx context.Context, o Options) (Report, error) {
	if s.missing != nil {
		if err := s.missing(ctx, o); err != nil {
			return Report{}, err
		}
	}
	report, err := run(ctx, o, s.script(o), s.expectation)
	report.Scenario = s.Name
	return report, err
}

// expectation is held against the evidence under the scenario's own name.
func (s Scenario) expectation(e evidence) Invariant {
	x := Invariant{Name: "+", Promise: "the scenario came true", Checked: count(len(e.strikes), "fault")}
	if s.expect != nil {
		s.expect(e, &x)
	}
	return x
}

// at lets a card's fault happen once for each of the times.
func at(card card, times ...time.Duration) func(Options) []Fault {
	return func(o Options) []Fault {
		chance := rand.New(rand.NewPCG(o.Seed, 2))
		var script []Fault
		for _, t := range times {
			f := card(chance, o)
			f.At = t
			script = append(script, f)
		}
		return script
	}
}

// lasting is a card whose faults last that long.
func lasting(card card, d time.Duration) card {
	return func(chance *rand.Rand, o Options) Fault {
		f := card(chance, o)
		f.For = d
		return f
	}
}

// all joins expectations.
func all(expectations ...func(evidence, *Expectation)) func(evidence, *Expectation) {
	return func(e evidence, x *Expectation) {
		for _, expect := range expectations {
			expect(e, x)
		}
	}
}

// completed expects every video to be completed that no user cancelled.
func completed(e evidence, x *Expectation) { failedOnlyAs()(e, x) }

// failedOnlyAs expects that nothing failed for another reason.
func failedOnlyAs(codes ...string) func(evidence, *Expectation) {
	return func(e evidence, x *Expectation) {
		for id, v := range e.rows {
			if v.State == "failed" && !slices.Contains(codes, v.Failure) {
				x.breach(fmt.Sprintf("%s failed as %s", id, v.Failure))
			}
		}
	}
}

// recoveredWithin expects that everything that was hit went on in time.
func recoveredWithin(most time.Duration) func(evidence, *Expectation) {
	return func(e evidence, x *Expectation) {
		for _, r := range e.recoveries() {
			if r.P99 > most {
				x.breach(fmt.Sprintf("it took %s at p99, at most %s are promised", r.P99.Round(time.Millisecond), most))
			}
		}
	}
}

// sampled expects that the fault hit that many rows, or the figures mean little.
func sampled(least int) func(evidence, *Expectation) {
	return func(e evidence, x *Expectation) {
		for _, r := range e.recoveries() {
			if r.Rows < least {
				x.breach(fmt.Sprintf("%s hit %d rows, want %d or more: this run shows nothing", r.Fault, r.Rows, least))
			}
		}
	}
}

// struck expects that the moment of a point came that often.
func struck(least int) func(evidence, *Expectation) {
	return func(e evidence, x *Expectation) {
		n := 0
		for _, s := range e.strikes {
			if s.Said != missed {
				n++
			}
		}
		if n < least {
			x.breach(fmt.Sprintf("the moment was met %d times, want %d or more: this run shows nothing", n, least))
		}
	}
}

// fired expects that HeyGen did the thing at all.
func fired(name string) func(evidence, *Expectation) {
	return func(e evidence, x *Expectation) {
		if e.fired[name] == 0 {
			x.breach("HeyGen never did " + name + ": this run shows nothing")
		}
	}
}
