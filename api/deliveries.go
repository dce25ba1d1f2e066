package api

import (
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/logkey"
)

// Deliveries counts what came to HeyGen's webhook, from HeyGen or from a sender
// who would like to be it. Every delivery is counted once, but for Lost, which
// were Accepted before. It is safe to read at any time.
type Deliveries struct {
	Accepted atomic.Int64 // the hint is written, or waits to be
	Repeated atomic.Int64 // of an event that was accepted before
	Ignored  atomic.Int64 // of an event that tells of no render
	Lost     atomic.Int64 // accepted, and then the store did not take the hint

	// Refused, without any effect.
	Unsigned   atomic.Int64 // without a signature that could be one
	Forged     atomic.Int64 // whose signature, or token, is wrong
	Foreign    atomic.Int64 // to the endpoint of another heyq with this address
	Stale      atomic.Int64 // whose timestamp is not of now
	TooLarge   atomic.Int64
	Unreadable atomic.Int64 // cut off, or signed and yet no event

	// Refused for now; HeyGen delivers them again.
	Crowded atomic.Int64 // too many hints wait for the store
	Failed  atomic.Int64 // the store said no at once
}

// ByOutcome returns the counts under the names that /metrics has for them.
func (d *Deliveries) ByOutcome() map[string]int64 {
	return map[string]int64{
		"accepted": d.Accepted.Load(), "repeated": d.Repeated.Load(), "ignored": d.Ignored.Load(), "lost": d.Lost.Load(),
		"unsigned": d.Unsigned.Load(), "forged": d.Forged.Load(), "foreign": d.Foreign.Load(), "stale": d.Stale.Load(),
		"too_large": d.TooLarge.Load(), "unreadable": d.Unreadable.Load(), "crowded": d.Crowded.Load(), "failed": d.Failed.Load(),
	}
}

// logPause is the least time between two lines about refused deliveries.
const logPause = time.Minute

// refusals tells of what was refused since the start, once a minute at most:
// a forger of deliveries must not fill the disk.
type refusals struct {
	counts *Deliveries
	log    zerolog.Logger
	told   atomic.Int64 // when, in nanoseconds since 1970
}

func (l *refusals) tell() {
	now, last := time.Now().UnixNano(), l.told.Load()
	if now-last < int64(logPause) || !l.told.CompareAndSwap(last, now) {
		return
	}
	event, d := l.log.Warn(), l.counts
	for _, reason := range []struct {
		key   string
		count *atomic.Int64
	}{
		{logkey.Unsigned, &d.Unsigned},
		{logkey.Forged, &d.Forged},
		{logkey.Stale, &d.Stale},
		{logkey.TooLarge, &d.TooLarge},
		{logkey.Unreadable, &d.Unreadable},
		{logkey.Crowded, &d.Crowded},
		{logkey.Failed, &d.Failed},
	} {
		if n := reason.count.Load(); n > 0 {
			event.Int64(reason.key, n)
		}
	}
	event.Msg("webhook deliveries were refused; counted since the start")
}
