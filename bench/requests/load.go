package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is how some requests were answered.
type load struct {
	took   []time.Duration
	failed int
	first  error // of those that failed
	lasted time.Duration
}

func (l load) perSecond() float64 { return float64(len(l.took)) / l.lasted.Seconds() }

// percentile of all that were answered. The list is sorted by then.
func (l load) percentile(p int) time.Duration {
	if len(l.took) == 0 {
		return 0
	}
	return l.took[min(len(l.took)-1, len(l.took)*p/100)]
}

func (l load) words() string {
	words := fmt.Sprintf("p50 %7.2f ms, p95 %7.2f ms, p99 %7.2f ms", ms(l.percentile(50)), ms(l.percentile(95)), ms(l.percentile(99)))
	if l.failed > 0 {
		words += fmt.Sprintf("; %d FAILED, such as: %v", l.failed, l.first)
	}
	return words
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// closed has so many callers ask, each again as soon as it is answered.
func closed(ctx context.Context, callers int, d time.Duration, ask func(ctx context.Context, caller, n int) error) load {
	var mu sync.Mutex
	var all load
	var running sync.WaitGroup
	began := time.Now()
	for caller := range callers {
		running.Go(func() {
			var mine load
			for n := 0; time.Since(began) < d && ctx.Err() == nil; n++ {
				mine.add(time.Now(), ask(ctx, caller, n))
			}
			mu.Lock()
			defer mu.Unlock()
			all.merge(mine)
		})
	}
	running.Wait()
	all.lasted = time.Since(began)
	slices.Sort(all.took)
	return all
}

// mostOpen is how many requests may wait for their answers at once. One that finds no
// place has failed.
const mostOpen = 5000

// open asks at a fixed rate, whether or not what was asked before is answered. What is
// told is the time from when a request was due.
func open(ctx context.Context, rate int, d time.Duration, ask func(ctx context.Context, n int) (kind string, err error)) map[string]*load {
	var mu sync.Mutex
	byKind := map[string]*load{}
	note := func(kind string, due time.Time, err error) {
		mu.Lock()
		defer mu.Unlock()
		if byKind[kind] == nil {
			byKind[kind] = &load{}
		}
		byKind[kind].add(due, err)
	}
	var running sync.WaitGroup
	var waiting atomic.Int64
	began, gap := time.Now(), time.Second/time.Duration(rate)
	for n := 0; n < int(d/gap) && ctx.Err() == nil; n++ {
		due := began.Add(time.Duration(n) * gap)
		time.Sleep(time.Until(due))
		if waiting.Load() >= mostOpen {
			note("not sent", due, fmt.Errorf("%d requests wait", mostOpen))
			continue
		}
		waiting.Add(1)
		running.Go(func() {
			defer waiting.Add(-1)
			kind, err := ask(ctx, n)
			note(kind, due, err)
		})
	}
	running.Wait()
	for _, l := range byKind {
		l.lasted = time.Since(began)
		slices.Sort(l.took)
	}
	return byKind
}

func (l *load) add(since time.Time, err error) {
	if err != nil {
		l.failed++
		if l.first == nil {
			l.first = err
		}
		return
	}
	l.took = append(l.took, time.Since(since))
}

func (l *load) merge(other load) {
	l.took = append(l.took, other.took...)
	l.failed += other.failed
	if l.first == nil {
		l.first = other.first
	}
}
