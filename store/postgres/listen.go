package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// A listener's channel has the schema's name: a database has one set of channels, and
// more than one heyq may be in it.

// Listen has a connection of its own, beside the pool.
func (s *Store) Listen(ctx context.Context, heard func()) error {
	if s.pool == nil {
		return errors.New("listen: the store belongs to a transaction")
	}
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return explain(err, "listen")
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is left to do on it
	if err := s.tune(ctx, conn); err != nil {
		return explain(err, "listen")
	}
	if _, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{s.schema}.Sanitize()); err != nil {
		return explain(err, "listen")
	}
	for {
		heard()
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return explain(err, "listen")
		}
	}
}

// Tell wakes those that Listen, in a transaction of its own.
func (s *Store) Tell(ctx context.Context) error {
	return explain(s.exec(ctx, tell, s.schema), "tell the dispatchers")
}

// tell is heard when its transaction commits. Postgres commits those that tell one after
// another, so that what heyq itself writes does not.
const tell = `SELECT pg_notify($1, '')`
