package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"heyq/internal/ttlcache"
)

// How long a caller waits for the database. A person who asks is told within two
// seconds that it is away; a database that is only slow gets more.
const (
	connectTimeout   = 5 * time.Second         // for a connection, which others may use when the first has given up
	acquireTimeout   = 1500 * time.Millisecond // until one of the pool's is free and has answered
	statementTimeout = 30 * time.Second
	silence          = time.Second // of a statement, until the server is asked whether it lives
	pulseTimeout     = 700 * time.Millisecond
)

// errSilent ends what waits for a server that does not answer any more.
var errSilent = errors.New("the server is silent")

// patiently runs fn on one connection of the pool.
func (s *Store) patiently(ctx context.Context, fn func(context.Context, querier) error) error {
	waiting, cancel := context.WithTimeout(ctx, acquireTimeout)
	conn, err := s.pool.Acquire(waiting)
	cancel()
	if err != nil {
		return err
	}
	defer conn.Release()
	ctx, stop := s.pulse.watch(ctx)
	defer stop()
	err = fn(ctx, conn)
	if err != nil && errors.Is(context.Cause(ctx), errSilent) {
		return errors.Join(errSilent, err)
	}
	return err
}

// pulse tells a server that is slow from one that is gone. Neither answers a
// statement; but one that lives still takes connections, or refuses them.
type pulse struct{ alive *ttlcache.Value[bool] }

func newPulse(c *pgx.ConnConfig) *pulse {
	c = c.Copy()
	c.ConnectTimeout = pulseTimeout
	return &pulse{ttlcache.New(silence/2, pulseTimeout, func(ctx context.Context) (bool, error) {
		conn, err := pgx.ConnectConfig(ctx, c)
		if err == nil {
			_ = conn.Close(ctx)
		}
		_, answered := errors.AsType[*pgconn.PgError](err)
		return err == nil || answered, nil
	})}
}

// watch returns a context for one statement. It ends with errSilent as its cause
// when the server is gone, and otherwise when the statement takes too long.
func (p *pulse) watch(ctx context.Context) (context.Context, func()) {
	ctx, cancelTimeout := context.WithTimeout(ctx, statementTimeout)
	ctx, cancel := context.WithCancelCause(ctx)
	var look *time.Timer
	look = time.AfterFunc(silence, func() {
		if ctx.Err() != nil {
			return
		}
		if !p.beats() {
			cancel(errSilent)
			return
		}
		look.Reset(silence)
	})
	return ctx, func() {
		look.Stop()
		cancel(nil)
		cancelTimeout()
	}
}

// beats asks whether the server lives. Those who ask at the same time share one
// answer.
func (p *pulse) beats() bool {
	alive, _ := p.alive.Get(context.Background())
	return alive
}
