package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"heyq/internal/fault"
)

// Options says how to run.
type Options struct {
	Binary     string        // the heyq to run
	Old        string        // an older one, which all processes are at first; empty: Binary
	Seed       uint64        // of the faults, and of the customer's habits
	Videos     int           // how many are asked for
	Users      int           // who ask for them, each with a key; 0: the operator does
	Span       time.Duration // over which they are asked for, and faults happen
	Workers    int
	Slots      int           // renders in flight that heyq is allowed
	RenderTime time.Duration // of HeyGen
	CreateTime time.Duration // until HeyGen has accepted a create: a moment in which something can be hit
	Timing     Timing
	Quiet      time.Duration // how long it may take afterwards until every video has ended
	Settle     time.Duration // and until Redis is empty: asynq finds a dead worker's task after minutes
	Keep       string        // folder for everything; empty: a temporary one
	Tell       func(Event)

	// What scenarios want.
	WorkerEnviron func(n int) []string // more variables for a worker
	OnDisk        []string             // what lies on a disk of its own, if this user may have one
	Prober        bool                 // asks the API for something all the time
	WrittenOff    bool                 // renders that were given up may still be in flight at HeyGen
	Steady        bool                 // the customer cancels nothing
}

// Defaults are the options of a storm of five minutes.
var Defaults = Options{
	Seed: 1, Videos: 1000, Users: 20, Span: 5 * time.Minute, Workers: 3, Slots: 10, RenderTime: time.Second, CreateTime: 100 * time.Millisecond,
	Timing: Scaled, Quiet: 4 * time.Minute, Settle: 3 * time.Minute, OnDisk: wholeMachine,
	Tell: func(Event) {},
}

// Run plays the script of o.Seed on a heyq of its own and audits what came of
// it. A broken invariant is in the report; an error means that there is none,
// because the experiment itself failed or ctx ended. Nothing is left running.
func Run(ctx context.Context, o Options) (Report, error) {
	return run(ctx, o, storm(o))
}

// run is Run with a script, and with more to check than the invariants.
func run(ctx context.Context, o Options, script []Fault, more ...func(evidence) Invariant) (report Report, err error) {
	dir, remove, err := folder(o.Keep)
	if err != nil {
		return Report{}, err
	}
	defer func() {
		if o.Keep == "" && report.Broken() == 0 && (err == nil || ctx.Err() != nil) {
			err = errors.Join(err, remove())
		}
	}()
	s, err := openStage(ctx, o, dir)
	if err != nil {
		return Report{}, fmt.Errorf("set the stage: %w", err)
	}
	defer func() { err = errors.Join(err, s.close()) }()

	s.customer = newCustomer(s.apiURL)
	if err := s.customer.register(ctx, o.Users, rand.New(rand.NewPCG(o.Seed, 3))); err != nil {
		return Report{}, err
	}
	r := &rehearsal{stage: s, o: o, customer: s.customer, pryer: newPryer(s.customer), more: more}
	return r.run(ctx, script)
}

// folder makes the place for a run's files.
func folder(keep string) (dir string, remove func() error, err error) {
	if keep != "" {
		dir, err = emptyFolder(keep)
		return dir, func() error { return nil }, err
	}
	dir, err = os.MkdirTemp("", "heyq-chaos-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

func emptyFolder(path string) (dir string, err error) {
	if dir, err = filepath.Abs(path); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return "", fault.New(fault.Invalid, "%s is not empty", dir).WithHint("name a folder that is, or one that does not exist")
	}
	return dir, err
}

// rehearsal is one run on a stage.
type rehearsal struct {
	stage    *stage
	o        Options
	customer *customer
	theatre  *theatre
	prober   prober
	pryer    *pryer
	closed   []string // why admission was closed, each time that it was resumed
	more     []func(evidence) Invariant
}

// run lets the customer ask while the script plays, waits for the last video,
// and audits.
func (r *rehearsal) run(ctx context.Context, script []Fault) (Report, error) {
	r.theatre = newTheatre(r.stage, r.o.Tell)
	stop := r.beside(ctx, r.watch, r.keepGateOpen, r.probe, r.pry)
	defer stop()
	stopShopping := r.beside(ctx, func(ctx context.Context) {
		r.customer.shop(ctx, orders(rand.New(rand.NewPCG(r.o.Seed, 1)), r.o))
		r.customer.done()
	}, r.customer.retryFailed, func(ctx context.Context) {
		r.customer.changeTurns(ctx, rand.New(rand.NewPCG(r.o.Seed, 4)))
	})
	defer stopShopping()

	if err := r.theatre.play(ctx, script); err != nil {
		return Report{}, err
	}
	if err := r.customer.wait(ctx); err != nil {
		return Report{}, err
	}
	stopShopping()
	r.note("the storm is over; %d promises were made", len(r.customer.promises))
	quiet, err := r.quiet(ctx)
	if err != nil {
		return Report{}, err
	}
	stop()
	r.pryer.conclude(ctx)
	return r.audit(ctx, quiet)
}

// beside runs functions until stop is called, which waits for them.
func (r *rehearsal) beside(ctx context.Context, all ...func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, fn := range all {
		running.Go(func() { fn(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// probe asks the API for something all the time, if that is wanted.
func (r *rehearsal) probe(ctx context.Context) {
	if r.o.Prober {
		r.prober.run(ctx, r.stage.apiURL)
	}
}

// pry has the users look for what is another's.
func (r *rehearsal) pry(ctx context.Context) { r.pryer.run(ctx, r.o.Seed) }

func (r *rehearsal) note(format string, args ...any) {
	r.o.Tell(Event{At: time.Since(r.theatre.began), Kind: Note, Text: fmt.Sprintf(format, args...)})
}

// keepGateOpen resumes admission when HeyGen's refusal of the account is over,
// as an operator would who does not wait for heyq to find out.
func (r *rehearsal) keepGateOpen(ctx context.Context) {
	for pause(ctx, 500*time.Millisecond) {
		gate, err := r.customer.client.Admission.Get(ctx)
		if err != nil || gate.State == "open" || gate.Until != nil || r.stage.heygen.refusesAccount() {
			continue
		}
		if _, err := r.customer.client.Admission.Resume(ctx); err == nil {
			r.closed = append(r.closed, gate.Reason)
			r.note("admission is resumed; it had stopped: %s", gate.Reason)
		}
	}
}
