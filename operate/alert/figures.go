package alert

import (
	"context"
	"errors"
	"fmt"
	"time"

	"heyq/internal/logkey"
	"heyq/operate/health"
	"heyq/store"
)

// Figures are what a round found. What could not be asked is nil, or absent.
type Figures struct {
	At        time.Time
	Since     time.Time // of the first round ever
	Slots     int       // render slots that there are
	Backlog   *store.Backlog
	Idle      int // slots that stayed free for a moment, with Backlog
	Admission *store.Admission
	Stuck     *store.Stuck
	Failures  *int // videos that failed within failuresSpan, and were not retried
	Balance   *Balance
	Rates     map[string]Rate // by type of operation
	Runs      []health.Run    // of the scheduled jobs
	Disks     map[string]Disk // by machine
}

// Balance is what is left in the account at HeyGen.
type Balance struct {
	Amount float64
	Unit   string // such as usd
}

// Disk is the room on the disk of a machine.
type Disk struct {
	Path        string
	Free, Total int64 // bytes
}

// Sources answer a round's questions. Each may be nil: then the answer is
// unknown.
type Sources struct {
	Balance    func(context.Context) (*Balance, error)   // nil: HeyGen does not say
	Operations func(context.Context) (Operations, error) // of all processes that run
	Disk       func() (machine string, d Disk, err error)
}

// figures asks everything that rules need. A question that fails is logged, and
// spoils no other.
func (w *Watcher) figures(ctx context.Context, at time.Time, m *memory) Figures {
	f := Figures{At: at, Since: m.Since, Slots: w.Slots}
	w.ask(ctx, "the backlog", func(ctx context.Context) error { return w.askBacklog(ctx, &f) })
	w.ask(ctx, "stuck videos", func(ctx context.Context) error {
		found, err := w.Store.Stuck(ctx, w.Limits.Stuck)
		if err == nil {
			f.Stuck = &found
		}
		return err
	})
	w.ask(ctx, "what failed", func(ctx context.Context) error { return w.askFailures(ctx, &f) })
	w.ask(ctx, "the schedule", func(ctx context.Context) error { return w.askRuns(ctx, &f) })
	if w.Sources.Balance != nil {
		w.ask(ctx, "HeyGen's balance", func(ctx context.Context) (err error) {
			f.Balance, err = w.Sources.Balance(ctx)
			return err
		})
	}
	if w.Sources.Operations != nil {
		w.ask(ctx, "the operations", func(ctx context.Context) error {
			counts, err := w.Sources.Operations(ctx)
			if err == nil {
				f.Rates = m.measure(at, counts)
			}
			return err
		})
	}
	if w.Sources.Disk != nil {
		w.ask(ctx, "the disk", func(context.Context) error {
			machine, disk, err := w.Sources.Disk()
			if err == nil {
				f.Disks = map[string]Disk{machine: disk}
			}
			return err
		})
	}
	return f
}

// failuresSpan is within which failures are counted.
const failuresSpan = time.Hour

func (w *Watcher) askFailures(ctx context.Context, f *Figures) error {
	counts, err := w.Store.CountJobs(ctx, store.JobFilter{Kind: store.VideoJob, Since: f.At.Add(-failuresSpan)})
	if err != nil {
		return err
	}
	failed := 0
	for _, c := range counts {
		failed += c.Jobs
	}
	f.Failures = &failed
	return nil
}

// askTime is how long a round waits for one answer.
const askTime = 8 * time.Second

func (w *Watcher) ask(ctx context.Context, what string, question func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if err := question(ctx); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		w.Log.Warn().Err(err).Str(logkey.Question, what).Msg("a round got no answer; what depends on it stays as it is")
	}
}

// askBacklog looks a second time if a slot is idle: a slot is free for a moment
// whenever a render ends, until the dispatcher has given it away.
func (w *Watcher) askBacklog(ctx context.Context, f *Figures) error {
	gate, err := w.Store.Admission(ctx)
	if err != nil {
		return err
	}
	b, err := w.Store.Backlog(ctx)
	if err != nil {
		return err
	}
	f.Admission = &gate
	f.Idle = idle(f.Slots, gate, b)
	if f.Idle > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(w.Recheck):
		}
		if b, err = w.Store.Backlog(ctx); err != nil {
			return err
		}
		f.Idle = min(f.Idle, idle(f.Slots, gate, b))
	}
	f.Backlog = &b
	return nil
}

// idle counts the free slots that a video waits for.
func idle(slots int, gate store.Admission, b store.Backlog) int {
	if gate.State != store.Open {
		return 0
	}
	return min(max(0, slots-b.Slots), b.Admission.Overdue)
}

func (w *Watcher) askRuns(ctx context.Context, f *Figures) error {
	var runs []health.Run
	for _, job := range w.Schedule {
		ago, ran, err := w.Store.SinceRun(ctx, job.Kind.Name)
		if err != nil {
			return fmt.Errorf("%s: %w", job.Kind.Name, err)
		}
		if !ran {
			ago = f.At.Sub(f.Since)
		}
		runs = append(runs, health.Run{Job: job, Ran: ran, Ago: ago})
	}
	f.Runs = runs
	return nil
}
