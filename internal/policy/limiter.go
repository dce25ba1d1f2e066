package policy

import (
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// Limiter bounds how many calls are made a second, over all processes on one
// Redis. While Redis is away each process keeps to the whole rate by itself. A
// nil Limiter bounds nothing.
type Limiter struct {
	name   string
	shared *redis_rate.Limiter // nil: this process alone
	limit  redis_rate.Limit
	alone  *rate.Limiter
	waited prometheus.Observer
	turn   *semaphore.Weighted // the head of this process's line, which is the one that asks
	away   Away
}

// Limiter makes the rate limit of that name: perSecond calls, and burst at once
// after a quiet time. perSecond 0 is no limit, and a nil Limiter.
func (s *Set) Limiter(name string, perSecond float64, burst int) *Limiter {
	if perSecond <= 0 {
		return nil
	}
	l := &Limiter{
		name: name, alone: rate.NewLimiter(rate.Limit(perSecond), burst),
		limit:  redis_rate.Limit{Rate: 1, Period: time.Duration(float64(time.Second) / perSecond), Burst: burst},
		waited: s.metrics.limited, turn: semaphore.NewWeighted(1),
	}
	if s.options.Redis != nil {
		l.shared = redis_rate.NewLimiter(s.options.Redis)
	}
	return l
}

// Wait returns when a call may be made. If that is not within patience, it
// returns a *Refusal that says when it may be; it returns ctx's error if that
// ends first.
func (l *Limiter) Wait(ctx context.Context, patience time.Duration) error {
	if l == nil {
		return nil
	}
	start := time.Now()
	defer func() { l.waited.Observe(time.Since(start).Seconds()) }()
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if l.turn.Acquire(patient, 1) != nil {
		return l.refuse(ctx, l.limit.Period)
	}
	defer l.turn.Release(1)
	for {
		wait := l.take(patient)
		if wait <= 0 {
			return nil
		}
		if time.Since(start)+wait > patience {
			return l.refuse(ctx, wait)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// Slow uses up what may be called at once: the other side has said that it is
// too much.
func (l *Limiter) Slow(ctx context.Context) {
	if l == nil {
		return
	}
	l.alone.AllowN(time.Now(), int(l.alone.Tokens()))
	_, _ = l.ask(ctx, func(ctx context.Context) (*redis_rate.Result, error) {
		return l.shared.AllowAtMost(ctx, l.name, l.limit, l.limit.Burst)
	})
}

// take takes a call of the budget and returns 0. If none is left it returns how long to
// wait.
func (l *Limiter) take(ctx context.Context) time.Duration {
	result, err := l.ask(ctx, func(ctx context.Context) (*redis_rate.Result, error) {
		return l.shared.Allow(ctx, l.name, l.limit)
	})
	switch {
	case err != nil:
		now := time.Now()
		reservation := l.alone.ReserveN(now, 1)
		wait := reservation.DelayFrom(now)
		if wait > 0 {
			reservation.CancelAt(now)
		}
		return wait
	case result.Allowed > 0:
		return 0
	}
	return max(result.RetryAfter, time.Millisecond)
}

// ask asks Redis, unless there is none or it is away.
func (l *Limiter) ask(ctx context.Context, question func(context.Context) (*redis_rate.Result, error)) (*redis_rate.Result, error) {
	if l.shared == nil {
		return nil, ErrAway
	}
	return Ask(ctx, &l.away, question)
}

func (l *Limiter) refuse(ctx context.Context, wait time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return &Refusal{Policy: "the rate limit of " + l.name, Wait: wait}
}
