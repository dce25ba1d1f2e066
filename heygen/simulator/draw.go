package simulator

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// target is what a fault may hit.
type target struct {
	on    string
	about string           // decides together with the seed; see Faults
	title string           // of the render, or of the video that is asked for
	wish  string           // the header X-Sim-Fault of the request
	fits  func(*shot) bool // nil: every fault can happen here
}

// shot is a fault that hits one target.
type shot struct {
	fault      string
	delay      time.Duration
	retryAfter int    // seconds
	keep       int    // characters
	dice       uint64 // for a choice within the fault, the same whenever the shot is
	back       func() // takes the shot back: it turned out that it could not hit
}

// calm tells that nothing is to go wrong with r, at the price of one atomic
// load and one look into a map.
func (s *Simulator) calm(r *http.Request) bool {
	return s.faults.Load() == nil && r.Header[faultHeader] == nil
}

// draw decides whether something goes wrong with t, and counts it; nil: nothing.
// The request's own wish comes first.
func (s *Simulator) draw(t target) *shot {
	now := s.opts.Clock()
	if wish, ok := t.wished(); ok {
		hit := newShot(wish, t, 0, 0)
		if t.takes(hit) {
			s.fired.count(t.on, hit)
			return hit
		}
	}
	p := s.faults.Load()
	if p == nil {
		return nil
	}
	hit := p.draw(t, now)
	if hit != nil {
		s.fired.count(t.on, hit)
	}
	return hit
}

func (t target) takes(hit *shot) bool { return t.fits == nil || t.fits(hit) }

// program is the faults in force.
type program struct {
	seed  uint64
	asSet []Rule
	rules map[string][]*armed // by Rule.On

	mu    sync.Mutex
	asked map[question]uint64 // how often
}

// question is what is counted: on and about of a target.
type question struct{ on, about string }

// armed is a rule in force.
type armed struct {
	Rule
	until time.Time // zero: until changed
	left  int       // of Count; guarded by the program's lock
}

func newProgram(f Faults, now time.Time) *program {
	p := &program{seed: f.Seed, asSet: f.Rules, rules: map[string][]*armed{}, asked: map[question]uint64{}}
	for _, rule := range f.Rules {
		a := &armed{Rule: rule, left: rule.Count}
		if rule.For > 0 {
			a.until = now.Add(rule.For)
		}
		p.rules[rule.On] = append(p.rules[rule.On], a)
	}
	return p
}

func (p *program) draw(t target, now time.Time) *shot {
	rules := p.rules[t.on]
	if len(rules) == 0 {
		return nil
	}
	asked := p.ask(t)
	for _, a := range rules {
		if !a.covers(t, now) {
			continue
		}
		hit := newShot(a.Rule, t, p.seed, asked)
		if hit != nil && t.takes(hit) && p.take(a) {
			hit.back = func() { p.give(a) }
			return hit
		}
	}
	return nil
}

func (a *armed) covers(t target, now time.Time) bool {
	return (a.until.IsZero() || now.Before(a.until)) && strings.Contains(t.title, a.Title)
}

// newShot throws the dice of one rule for one target; nil: it misses. A fate is
// decided once for a render, however often it is asked about.
func newShot(rule Rule, t target, seed, asked uint64) *shot {
	if sealing(rule.Fault) {
		asked = 0
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %d %s", seed, rule.On, rule.Fault, asked, t.about))
	chance := float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53)
	if rule.Rate > 0 && chance >= rule.Rate {
		return nil
	}
	return &shot{
		fault: rule.Fault, delay: rule.Delay, retryAfter: rule.RetryAfter, keep: rule.Keep,
		dice: binary.BigEndian.Uint64(sum[8:16]), back: func() {},
	}
}

func (p *program) ask(t target) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.asked[question{t.on, t.about}]
	p.asked[question{t.on, t.about}] = n + 1
	return n
}

func (p *program) take(a *armed) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.Count > 0 && a.left == 0 {
		return false
	}
	a.left--
	return true
}

func (p *program) give(a *armed) {
	p.mu.Lock()
	a.left++
	p.mu.Unlock()
}

// tally counts the faults that fired.
type tally struct {
	mu sync.Mutex
	n  map[string]int
}

// count adds one shot, until it is taken back.
func (y *tally) count(on string, hit *shot) {
	name := on + "/" + hit.fault
	y.add(name, 1)
	giveBack := hit.back
	hit.back = func() {
		giveBack()
		y.add(name, -1)
	}
}

func (y *tally) add(name string, n int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.n == nil {
		y.n = map[string]int{}
	}
	if y.n[name] += n; y.n[name] == 0 {
		delete(y.n, name)
	}
}

func (y *tally) all() map[string]int {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.n == nil {
		return map[string]int{}
	}
	return maps.Clone(y.n)
}
