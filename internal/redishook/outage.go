package redishook

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/internal/logkey"
)

// Outage sits before Redis and bounds what its absence costs. asynq asks again
// at once when a command fails, from several goroutines a queue: so a failure is
// handed on only after a pause. And it logs each of them: so while Redis is away
// its lines are dropped, and the outage says one line at its start, one a
// minute, and one at its end. It is a hook of the Redis client.
type Outage struct {
	log zerolog.Logger

	mu    sync.Mutex
	since time.Time // zero: Redis answers
	said  time.Time // when the last line about it was logged
}

const (
	outagePause = 400 * time.Millisecond // half of it to one and a half, so that not all ask at once
	outageLines = time.Minute            // between two lines
)

// NewOutage returns the hook of one client. It logs to log.
func NewOutage(log zerolog.Logger) *Outage { return &Outage{log: log} }

// ProcessHook implements redis.Hook.
func (o *Outage) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return o.after(ctx, next(ctx, cmd), cmd)
	}
}

// ProcessPipelineHook implements redis.Hook.
func (o *Outage) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return o.after(ctx, next(ctx, cmds), cmds...)
	}
}

// DialHook implements redis.Hook.
func (o *Outage) DialHook(next redis.DialHook) redis.DialHook { return next }

// greetings are what a client says when it connects. A server answers some of them also
// if the client has not logged in, or may do nothing.
var greetings = []string{"hello", "auth", "client", "select", "ping", "readonly", "command", "cluster"}

// after notes how commands ended, and holds a failure back for a moment. The answer to a
// command that is no greeting is proof that Redis is back. The answer to a greeting is
// not, and neither is a caller that gave up.
func (o *Outage) after(ctx context.Context, err error, cmds ...redis.Cmder) error {
	if !isAway(err) {
		_, answered := errors.AsType[redis.Error](err)
		works := slices.ContainsFunc(cmds, func(c redis.Cmder) bool { return !slices.Contains(greetings, c.Name()) })
		if works && (err == nil || answered) {
			o.over()
		}
		return err
	}
	o.goesOn(err)
	select {
	case <-ctx.Done():
	case <-time.After(outagePause/2 + rand.N(outagePause)):
	}
	return err
}

// isAway is true if Redis cannot be reached, or is in no state to work. Other errors are
// about a command, and can come from a Redis that works.
func isAway(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) || errors.Is(err, redis.ErrClosed) || errors.Is(err, context.Canceled) {
		return false
	}
	if _, network := errors.AsType[net.Error](err); network {
		return true
	}
	answer, answered := errors.AsType[redis.Error](err)
	if !answered {
		return true // a cut connection, or a pool without one
	}
	word, _, _ := strings.Cut(answer.Error(), " ")
	switch word {
	case "BUSY", "CLUSTERDOWN", "EXECABORT", "LOADING", "MASTERDOWN", "MISCONF", "NOAUTH", "NOPERM",
		"NOREPLICAS", "OOM", "READONLY", "TRYAGAIN", "WRONGPASS":
		return true
	}
	return strings.HasPrefix(answer.Error(), "ERR max number of clients")
}

// goesOn notes a failure.
func (o *Outage) goesOn(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	if o.since.IsZero() {
		o.since = now
	}
	if now.Sub(o.said) < outageLines {
		return
	}
	o.said = now
	o.log.Warn().Err(err).Dur(logkey.Away, now.Sub(o.since)).Msg("Redis does not answer; videos wait in the store until it does")
}

// over notes that Redis has answered.
func (o *Outage) over() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return
	}
	if !o.said.Before(o.since) { // it was told of
		o.log.Info().Dur(logkey.Away, time.Since(o.since)).Msg("Redis answers again")
	}
	o.since = time.Time{}
}

// On is true while Redis is away.
func (o *Outage) On() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.since.IsZero()
}

// Run implements zerolog.Hook: a line that only repeats the outage is dropped.
func (o *Outage) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	if o.On() {
		e.Discard()
	}
}
