package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"heyq/store/sql"
)

// leadInterval is how often a process asks for a lock that another one holds. A
// holder makes sure half as often that its connection, and so its lock, still
// lives: well before its session is ended.
const leadInterval = 2 * time.Second

// leadSession is the shortest silence after which Postgres ends a holder's
// session: a process that hangs would keep the lock as long as it exists.
const leadSession = `SET idle_session_timeout = '10s'`

// Lead runs fn while this process holds the named advisory lock. The lock
// belongs to a connection: when the process or the connection dies, Postgres
// gives it to the next one.
func (s *Store) Lead(ctx context.Context, name string, fn func(context.Context) error) error {
	if s.pool == nil {
		return errors.New("lead: the store belongs to a transaction")
	}
	for {
		led, err := s.leadOnce(ctx, sql.Lock(name), fn)
		if led {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(leadInterval):
		}
	}
}

// leadOnce tries once. A database that cannot be asked is a lock that was not
// got: the caller asks again.
func (s *Store) leadOnce(ctx context.Context, lock string, fn func(context.Context) error) (led bool, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, explain(err, "ask for the lock")
	}
	defer conn.Release()
	asked, cancel := context.WithTimeout(ctx, 2*leadInterval)
	defer cancel()
	var got bool
	if err := conn.QueryRow(asked, `SELECT pg_try_advisory_lock(`+lock+`)`).Scan(&got); err != nil || !got {
		return false, explain(err, "ask for the lock")
	}
	defer func() {
		// The context may have ended; the lock must not outlive fn all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leadInterval)
		defer cancel()
		_, err := conn.Exec(ctx, `SELECT pg_advisory_unlock(`+lock+`)`)
		if err == nil {
			_, err = conn.Exec(ctx, `SET idle_session_timeout = 0`)
		}
		if err != nil {
			_ = conn.Conn().Close(ctx)
		}
	}()
	if _, err := conn.Exec(asked, leadSession); err != nil {
		return false, explain(err, "ask for the lock")
	}
	ctx, lose := context.WithCancel(ctx)
	defer lose()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watch(ctx, conn, lose)
	}()
	err = fn(ctx)
	lose()
	<-watched // the connection is ours alone again
	return true, err
}

// watch calls lose when the connection that holds the lock stops answering.
func watch(ctx context.Context, conn *pgxpool.Conn, lose context.CancelFunc) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(2 * leadInterval):
		}
		ping, cancel := context.WithTimeout(context.WithoutCancel(ctx), leadInterval)
		err := conn.Ping(ping)
		cancel()
		if err != nil {
			lose()
			return
		}
	}
}
