package main

import (
	"context"
	"net/http"
	"time"
)

// busy is how many calls a second the other workers make before a round begins:
// where nobody calls, nobody needs to be stopped.
const busy = 20

// finding is what one opening came to.
type finding struct {
	rate    int           // calls of the other workers in the second before
	stopped time.Duration // from the opening to the last call of another worker
	leaked  int           // calls between the first second and the first probe's time
	probes  int           // from there to the answer that closed it
	resumed time.Duration // from that answer until every worker had called again
}

// round has worker 1 find HeyGen down, and everybody find it up again after one
// probe has failed.
func (s *stack) round(ctx context.Context, fault http.HandlerFunc) (f finding, err error) {
	for len(s.opened) > 0 {
		<-s.opened
	}
	err = waitFor(ctx, "a second with many calls", func() bool {
		f.rate = s.others(time.Now().Add(-time.Second))
		return f.rate >= busy
	})
	if err != nil {
		return f, err
	}
	s.door.down.Store(&trouble{key: s.keys[0], fault: fault})
	var opened time.Time
	select {
	case <-ctx.Done():
		return f, ctx.Err()
	case opened = <-s.opened:
	}
	s.door.down.Store(&trouble{fault: fault}) // the probe is to fail, whoever has it
	// An opening is told before it is over everywhere, and a probe cannot come
	// sooner than the wait allows; a tenth of it is for clocks.
	quiet := opened.Add(min(time.Second, s.options.open/2))
	probing := opened.Add(s.options.open * 9 / 10)
	if err := waitFor(ctx, "the first probe", func() bool { return len(failedSince(s.door, probing)) > 0 }); err != nil {
		return f, err
	}
	s.door.down.Store(nil)
	var closed time.Time
	err = waitFor(ctx, "the probe that closes the breaker", func() bool {
		for _, c := range s.door.since(probing) {
			if !c.failed && !c.done.IsZero() {
				closed = c.done
				return true
			}
		}
		return false
	})
	if err != nil {
		return f, err
	}
	if err := s.allCall(ctx, closed); err != nil {
		return f, err
	}
	f.resumed = time.Since(closed)
	for _, c := range s.door.since(opened) {
		switch {
		case c.at.Before(quiet):
			if c.key != s.keys[0] {
				f.stopped = max(f.stopped, c.at.Sub(opened))
			}
		case c.at.Before(probing):
			f.leaked++
		case c.at.Before(closed):
			f.probes++
		}
	}
	return f, nil
}

// others counts the calls of all workers but the first since a moment.
func (s *stack) others(since time.Time) (n int) {
	for _, c := range s.door.since(since) {
		if c.key != s.keys[0] {
			n++
		}
	}
	return n
}

// failedSince are the calls after a moment that met the fault.
func failedSince(d *door, since time.Time) (list []call) {
	for _, c := range d.since(since) {
		if c.failed && !c.done.IsZero() {
			list = append(list, c)
		}
	}
	return list
}
