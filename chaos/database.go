package chaos

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// maintain runs statements beside all databases of the server.
func (s *stage) maintain(ctx context.Context, statements ...string) error {
	conn, err := pgx.Connect(ctx, s.postgres.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// shutDatabase cuts all clients off from heyq's database, for as long as it is
// copied.
const (
	shutDatabase = `ALTER DATABASE heyq ALLOW_CONNECTIONS false`
	cutOff       = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'heyq'`
	openDatabase = `ALTER DATABASE heyq ALLOW_CONNECTIONS true`
)

// copyDatabase makes a copy of heyq's database, as it is at this moment.
func (s *stage) copyDatabase(ctx context.Context, name string) error {
	return persist(ctx, patience, func(ctx context.Context) error {
		return s.maintain(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`, shutDatabase, cutOff, `CREATE DATABASE `+name+` TEMPLATE heyq`, openDatabase)
	})
}

// earlier is the copy that a database is set back to.
const earlier = "earlier"

// setBack puts the copy into the place of heyq's database, and has the customer
// forget what was promised since: a restored backup does not know it.
func (s *stage) setBack(ctx context.Context) error {
	err := s.maintain(ctx, shutDatabase, cutOff, `DROP DATABASE heyq WITH (FORCE)`,
		`ALTER DATABASE `+earlier+` RENAME TO heyq`, `GRANT ALL ON DATABASE heyq TO app`)
	if err != nil {
		return err
	}
	var known []uuid.UUID
	err = persist(ctx, patience, func(ctx context.Context) error {
		rows, err := s.db.Query(ctx, `SELECT id FROM videos`)
		if err != nil {
			return err
		}
		known, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	if err != nil {
		return err
	}
	s.customer.forget(known)
	return nil
}
