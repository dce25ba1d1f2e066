package logs

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Level is the least that a log tells. It is safe for concurrent use.
//
// zerolog asks its global level, an atomic number, before it makes a line: so what
// is not told costs as little as with a level that never changes. A process of
// heyq has one log. If there are several, as in tests, the global level is the
// least of them, and each drops what only the others want.
type Level struct {
	configured zerolog.Level
	now        atomic.Int32
	repeats    *repeats

	mu     sync.Mutex
	until  time.Time // when it goes back to what is configured; zero: when the operator says so
	goBack *time.Timer
	closed bool
}

// State is a Level at a moment.
type State struct {
	Level      zerolog.Level
	Configured zerolog.Level
	Until      time.Time // zero: until the operator changes it
}

// Now returns the least level that is told.
func (l *Level) Now() zerolog.Level { return zerolog.Level(l.now.Load()) }

// State returns the level, and how long it holds.
func (l *Level) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return State{l.Now(), l.configured, l.until}
}

// Set changes the level, and back after a while; zero: not by itself.
func (l *Level) Set(level zerolog.Level, back time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set(level)
	if back > 0 && !l.closed {
		until := time.Now().Add(back)
		l.until, l.goBack = until, time.AfterFunc(back, func() { l.expire(until) })
	}
}

// Reset goes back to what is configured.
func (l *Level) Reset() { l.Set(l.configured, 0) }

// Toggle goes to debug, and from there back to what is configured. If that is
// debug or less it goes to info.
func (l *Level) Toggle() {
	to := zerolog.DebugLevel
	if l.configured <= zerolog.DebugLevel {
		to = zerolog.InfoLevel
	}
	if l.Now() == to {
		to = l.configured
	}
	l.Set(to, 0)
}

// Close logs what was counted, and no longer changes the global level.
func (l *Level) Close() {
	l.mu.Lock()
	l.closed = true
	l.stop()
	l.mu.Unlock()
	l.repeats.close()
	release(l)
}

// expire is Reset, unless the level was changed since.
func (l *Level) expire(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.Equal(until) {
		l.set(l.configured)
	}
}

func (l *Level) set(level zerolog.Level) {
	l.stop()
	l.now.Store(int32(level))
	adjust()
}

func (l *Level) stop() {
	if l.goBack != nil {
		l.goBack.Stop()
	}
	l.goBack, l.until = nil, time.Time{}
}

// governed are the logs of this process.
var governed struct {
	sync.Mutex
	levels map[*Level]bool
}

func govern(l *Level) {
	governed.Lock()
	if governed.levels == nil {
		governed.levels = map[*Level]bool{}
	}
	governed.levels[l] = true
	governed.Unlock()
	adjust()
}

func release(l *Level) {
	governed.Lock()
	delete(governed.levels, l)
	governed.Unlock()
	adjust()
}

// adjust sets zerolog's global level to the least that a log wants.
func adjust() {
	governed.Lock()
	defer governed.Unlock()
	if len(governed.levels) == 0 {
		zerolog.SetGlobalLevel(zerolog.TraceLevel)
		return
	}
	least := zerolog.Disabled
	for l := range governed.levels {
		least = min(least, l.Now())
	}
	zerolog.SetGlobalLevel(least)
}
