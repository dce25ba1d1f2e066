package stats

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisHook counts what is asked of Redis: each command, and each pipeline as
// one. It is a hook of the client, and stands behind the outage, whose pauses
// are not Redis' time.
type redisHook struct{ recorder *Recorder }

// Redis returns a hook that counts what a client asks.
func (r *Recorder) Redis() redis.Hook { return redisHook{r} }

// ProcessHook implements redis.Hook.
func (s redisHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if waits(cmd) || greets(cmd) {
			return next(ctx, cmd)
		}
		start := time.Now()
		err := next(ctx, cmd)
		s.end(strings.ToUpper(cmd.Name()), start, err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (s redisHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if len(cmds) > 0 && greets(cmds[0]) {
			return next(ctx, cmds)
		}
		start := time.Now()
		err := next(ctx, cmds)
		s.end("pipeline", start, err)
		return err
	}
}

// DialHook implements redis.Hook. A command that has to dial first takes that
// long, and fails if it cannot.
func (s redisHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s redisHook) end(name string, start time.Time, err error) {
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, redis.ErrClosed):
		return // its caller gave up, or the process ends
	case isAnswer(err):
		err = nil
	}
	s.recorder.Record(RedisOperation, name, err, time.Since(start))
}

// isAnswer is true for an error by which Redis answers a question: there is no
// such key, another client was faster, the script is to be sent first.
func isAnswer(err error) bool {
	if errors.Is(err, redis.Nil) || errors.Is(err, redis.TxFailedErr) {
		return true
	}
	answer, answered := errors.AsType[redis.Error](err)
	return answered && strings.HasPrefix(answer.Error(), "NOSCRIPT")
}

// greets is true for what go-redis asks of a new connection by itself. Some of it
// is refused by Redis before 7.2, and that is as well.
func greets(cmd redis.Cmder) bool {
	switch strings.ToLower(cmd.Name()) {
	case "auth", "client", "hello", "readonly", "select":
		return true
	}
	return false
}

// waits is true for a command that is meant to wait until there is something:
// how long it takes says nothing of Redis.
func waits(cmd redis.Cmder) bool {
	switch strings.ToLower(cmd.Name()) {
	case "blpop", "brpop", "brpoplpush", "blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop",
		"xread", "xreadgroup", "wait", "waitaof", "subscribe", "psubscribe", "ssubscribe":
		return true
	}
	return false
}
