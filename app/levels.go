package app

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/internal/fault"
	"heyq/internal/logkey"
	"heyq/internal/logs"
)

// levelKey is where the level that all processes log at stands in Redis, for as
// long as it holds; it is not there where each logs as it is configured.
const levelKey = "heyq:log-level"

// levelsOf returns nothing, and no pointer to nothing, where there is none.
func levelsOf(l *levels) api.LogLevels {
	if l == nil {
		return nil
	}
	return l
}

// levelTick is how often a process looks there.
const levelTick = 3 * time.Second

// levels changes what this process logs, and all others.
type levels struct {
	redis redis.UniversalClient
	level *logs.Level
	log   zerolog.Logger
	seen  string // the shared level that was applied last; only follow knows it
}

// sharedLevel is what stands under levelKey. Its id tells a change from the same
// one made before.
type sharedLevel struct {
	ID    uuid.UUID     `json:"id"`
	Level zerolog.Level `json:"level"`
}

// Level implements api.LogLevels.
func (l *levels) Level() api.LogState {
	s := l.level.State()
	return api.LogState{Level: s.Level, Configured: s.Configured, Until: s.Until}
}

// Change implements api.LogLevels. This process changes at once, whatever Redis
// says; it meets its own change again when it follows.
func (l *levels) Change(ctx context.Context, to *zerolog.Level, back time.Duration, all bool) error {
	l.apply(to, back)
	if !all {
		return nil
	}
	err := l.share(ctx, to, back)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "only the process that answered has changed: Redis did not, to tell the others").
			WithHint("try again in a moment, or send SIGUSR1 to the others")
	}
	return nil
}

func (l *levels) share(ctx context.Context, to *zerolog.Level, back time.Duration) error {
	if to == nil {
		return l.redis.Del(ctx, levelKey).Err()
	}
	shared, err := json.Marshal(sharedLevel{uuid.New(), *to})
	if err != nil {
		return err
	}
	return l.redis.Set(ctx, levelKey, shared, back).Err()
}

// apply changes the level here, and says so whatever it is.
func (l *levels) apply(to *zerolog.Level, back time.Duration) {
	if to == nil {
		l.level.Reset()
	} else {
		l.level.Set(*to, back)
	}
	line := l.log.Log().Stringer(logkey.Level, l.level.Now())
	if back > 0 {
		line.Time(logkey.Until, l.level.State().Until)
	}
	line.Msg("the log level is changed")
}

// follow does what others say, until ctx ends. While Redis is away everything
// stays as it is, and goes back when its time has come.
func (l *levels) follow(ctx context.Context) error {
	ticker := time.NewTicker(levelTick)
	defer ticker.Stop()
	for {
		if shared, left, err := l.read(ctx); err == nil && shared != l.seen {
			l.seen = shared
			l.adopt(shared, left)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// read returns the shared level, and how long it holds by Redis' clock; 0: until
// it is changed.
func (l *levels) read(ctx context.Context) (shared string, left time.Duration, err error) {
	pipe := l.redis.Pipeline()
	value, ttl := pipe.Get(ctx, levelKey), pipe.PTTL(ctx, levelKey)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return "", 0, err
	}
	return value.Val(), max(ttl.Val(), 0), nil
}

// adopt applies a shared level that this process has not seen before.
func (l *levels) adopt(shared string, left time.Duration) {
	if shared == "" { // its time is over, or somebody has taken it back
		if l.level.State().Level != l.level.State().Configured {
			l.apply(nil, 0)
		}
		return
	}
	var s sharedLevel
	if err := json.Unmarshal([]byte(shared), &s); err != nil {
		l.log.Warn().Err(err).Msg("the log level in Redis cannot be read; it is left alone")
		return
	}
	if s.Level == l.level.Now() { // it was this process that shared it, perhaps
		l.level.Set(s.Level, left)
		return
	}
	l.apply(&s.Level, left)
}
