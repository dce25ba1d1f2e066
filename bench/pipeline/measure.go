package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"heyq/bench/internal/rig"
)

// measure takes the videos through a whole heyq and reads what that took.
func measure(ctx context.Context, o options, progress io.Writer) (_ *report, err error) {
	load := rig.LoadAverage()
	ctx, s, err := start(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()

	fmt.Fprintf(progress, "load average %.2f; warming up with %d videos\n", load, o.warmUp)
	if err := inTurn(ctx, s.insert(o.warmUp), s.finished); err != nil {
		return nil, fmt.Errorf("warm up: %w", err)
	}
	r, err := newReport(ctx, s, load)
	if err != nil {
		return nil, err
	}
	before, err := s.ledger(ctx)
	if err != nil {
		return nil, err
	}
	if o.detail {
		if err := s.beginDetail(ctx); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(progress, "timing %d videos\n\n", o.videos)
	if o.scrape {
		scraped, stop := context.WithCancel(ctx)
		defer stop()
		go s.scraping(scraped)
	}
	if o.live {
		err = s.insertLive(ctx, r)
	} else {
		err = s.insertThenWork(ctx, r)
	}
	if err != nil {
		return nil, err
	}
	if o.detail {
		if r.Detail, err = s.endDetail(ctx); err != nil {
			return nil, err
		}
	}
	return r, s.conclude(ctx, r, before)
}

// insertLive has the workers work from the first batch on.
func (s *stack) insertLive(ctx context.Context, r *report) error {
	p, err := s.beginPhase("live")
	if err != nil {
		return err
	}
	if err := inTurn(ctx, s.insert(s.options.videos), s.finished); err != nil {
		return err
	}
	return s.endWork(ctx, r, p)
}

// insertThenWork shuts the gate until everything is in.
func (s *stack) insertThenWork(ctx context.Context, r *report) error {
	if err := s.pause(ctx); err != nil {
		return err
	}
	p, err := s.beginPhase("insert")
	if err != nil {
		return err
	}
	if err := s.insert(s.options.videos)(ctx); err != nil {
		return err
	}
	if err := s.endPhase(r, p, time.Now()); err != nil {
		return err
	}
	if p, err = s.beginPhase("work"); err != nil {
		return err
	}
	if err := inTurn(ctx, s.resume, s.finished); err != nil {
		return err
	}
	return s.endWork(ctx, r, p)
}

// started is a phase that goes on.
type started struct {
	name  string
	at    time.Time
	usage usage
	busy  time.Duration
}

func (s *stack) beginPhase(name string) (p started, err error) {
	p = started{name: name}
	if p.usage, err = s.usage(); err != nil {
		return p, err
	}
	p.busy, err = machineBusy()
	p.at = time.Now()
	return p, err
}

// endWork ends a phase at the last completion. Its CPU time is that until now,
// so the analyses that followed are in it.
func (s *stack) endWork(ctx context.Context, r *report, p started) error {
	last, err := s.lastCompleted(ctx)
	if err != nil {
		return err
	}
	return s.endPhase(r, p, last)
}

func (s *stack) endPhase(r *report, p started, at time.Time) error {
	usage, err := s.usage()
	if err != nil {
		return err
	}
	busy, err := machineBusy()
	if err != nil {
		return err
	}
	used := usage.since(p.usage)
	all := time.Duration(runtime.NumCPU()) * time.Since(p.at)
	r.add(phase{
		Name: p.name, Seconds: at.Sub(p.at).Seconds(),
		OthersShare: max(0, busy-p.busy-used.sum()).Seconds() / all.Seconds(),
	}, used)
	return nil
}

// conclude fills in what is only known at the end.
func (s *stack) conclude(ctx context.Context, r *report, before ledger) (err error) {
	if r.PeakRSS, err = s.peaks(); err != nil {
		return err
	}
	after, err := s.ledger(ctx)
	if err != nil {
		return err
	}
	r.Accepted, r.MaxInFlight = after.Accepted-before.Accepted, after.MaxInFlight
	for kind, n := range after.Calls {
		if n -= before.Calls[kind]; n > 0 {
			r.CallsPerVideo[kind] = float64(n) / float64(r.Videos)
		}
	}
	o, err := s.outcome(ctx)
	if err != nil {
		return err
	}
	r.check(o, after.Accepted, s.options.videos+s.options.warmUp)
	return nil
}
