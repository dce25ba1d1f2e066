package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// session is what each connection of the pool sets, whatever the server, the
// database or the role has for a default (ALTER ROLE … SET). It is sent when a
// connection is made, in one round trip, and as SET rather than as startup options:
// a pooler in session mode passes those on, and refuses unknown startup options.
//
// The first part is what the protocol rests on. Admit counts the slots under READ
// COMMITTED only: an older snapshot gives them out twice. What the database has
// answered is on its disk; a default that asks for more (remote_apply) stays. A wait
// for a lock is bounded, so that what another transaction holds is an answer and not
// a silence: store.ErrLocked. Times and intervals are written as the archive reads them.
//
// The second part is for clients that are gone: one whose machine is gone holds its
// locks until the server notices, which by the system's defaults takes hours; one
// whose process stands still in the middle of a transaction, for ever.
//
// The third fits a connection to this package's statements. Their plans are kept for
// the life of the connection, and one that was made while the table was small must
// not read all of it when it has grown: every row is found by an index. Nothing here
// is worth compiling.
const session = `
	SET default_transaction_isolation = 'read committed';
	SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');
	SET lock_timeout = '2s'; SET statement_timeout = '40s'; SET idle_session_timeout = 0;
	SELECT set_config('transaction_timeout', '0', false) WHERE current_setting('transaction_timeout', true) IS NOT NULL;
	SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET client_encoding = 'UTF8';

	SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2; SET tcp_user_timeout = 15000;
	SET idle_in_transaction_session_timeout = '15s';

	SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off`

// unhurried is what a transaction sets that reads or writes whole tables, for a
// client that may be slow.
const unhurried = `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL tcp_user_timeout = 0`

// tune makes a connection one of ours.
func (s *Store) tune(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	_, err := conn.Exec(ctx, session+`; SET search_path = `+s.searchPath())
	return err
}

// searchPath leads to our own schema and to nothing else: what an application calls
// videos in public, or in a temporary table, is not ours.
func (s *Store) searchPath() string { return pgx.Identifier{s.schema}.Sanitize() + ", pg_temp" }
