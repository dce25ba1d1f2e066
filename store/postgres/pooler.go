package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"heyq/internal/fault"
)

// refusePooler gives a fault.Invalid if config leads to a pooler in transaction
// mode, which gives each transaction another connection of Postgres: what our
// connections set would land in those of others, and the scheduler's lock would stay
// behind in one that no client owns. It sets nothing itself.
//
// Two connections tell. In transaction mode the second is given the one that the first
// has just used; and while the second is inside a transaction the first is given
// another. A connection of Postgres, or of a pooler in session mode, is always itself.
func refusePooler(ctx context.Context, config *pgx.ConnConfig) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var backends [2]*pgconn.PgConn
	for i := range backends {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return explain(err, "open the database")
		}
		defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is left to do on it
		backends[i] = conn.PgConn()
	}
	first, second := backends[0], backends[1]
	before, err := backend(ctx, first)
	if err != nil {
		return explain(err, "open the database")
	}
	if err := second.Exec(ctx, `BEGIN READ ONLY`).Close(); err != nil {
		if state, ok := errors.AsType[*pgconn.PgError](err); ok && state.Code == "08P01" { // a pooler in statement mode
			return errTransactionMode()
		}
		return explain(err, "open the database")
	}
	other, err := backend(ctx, second)
	if err != nil {
		return explain(err, "open the database")
	}
	if other == before {
		return errTransactionMode()
	}
	after, err := backend(ctx, first)
	if err != nil {
		return explain(err, "open the database")
	}
	if after != before {
		return errTransactionMode()
	}
	return nil
}

// backend names the connection of Postgres that answers on conn.
func backend(ctx context.Context, conn *pgconn.PgConn) (string, error) {
	results, err := conn.Exec(ctx, `SELECT pg_backend_pid(), backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()`).ReadAll()
	if err != nil {
		return "", err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return "", fmt.Errorf("a database that does not know its own connection: %v", results)
	}
	row := results[0].Rows[0]
	return string(row[0]) + " " + string(row[1]), nil
}

func errTransactionMode() error {
	return fault.New(fault.Invalid, "DATABASE_URL leads to a connection pooler in transaction mode, which heyq cannot work through").
		WithHint("name Postgres itself, or the pooler's session mode; docs/operations.md says how for PgBouncer, RDS Proxy, Neon and Supabase")
}
