package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// Admission returns the gate as it stands now; a pause that has run out is no
// pause any more.
func (s *Store) Admission(ctx context.Context) (store.Admission, error) {
	return s.gate(ctx, "read admission", `
		SELECT CASE WHEN state = 'paused' AND until <= now() THEN 'open' ELSE state END,
		       CASE WHEN state = 'paused' AND until <= now() THEN '' ELSE reason END,
		       CASE WHEN state = 'paused' AND until > now() THEN until END
		  FROM admission`)
}

// PauseAdmission closes the gate until somebody resumes it.
func (s *Store) PauseAdmission(ctx context.Context, reason string) (store.Admission, error) {
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return shut(ctx, tx, `UPDATE admission SET state = 'paused', reason = $1, until = NULL`, reason)
	})
	if err != nil {
		return store.Admission{}, explain(err, "pause admission")
	}
	return s.Admission(ctx)
}

// ResumeAdmission opens the gate; videos that waited for it are due now.
func (s *Store) ResumeAdmission(ctx context.Context) (store.Admission, error) {
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return open(ctx, tx, `UPDATE admission SET state = 'open', reason = '', until = NULL`)
	})
	if err != nil {
		return store.Admission{}, explain(err, "resume admission")
	}
	return s.Admission(ctx)
}

// CloseAdmission closes the gate unless it is closed until somebody opens it.
func (s *Store) CloseAdmission(ctx context.Context, reason string) (store.Admission, error) {
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return shut(ctx, tx, `
			UPDATE admission SET state = 'paused', reason = $1, until = NULL
			 WHERE state = 'open' OR (state = 'paused' AND until IS NOT NULL)`, reason)
	})
	if err != nil {
		return store.Admission{}, explain(err, "close admission")
	}
	return s.Admission(ctx)
}

// ReopenAdmission opens the gate that CloseAdmission closed for this reason.
func (s *Store) ReopenAdmission(ctx context.Context, reason string) (store.Admission, error) {
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return open(ctx, tx, `
			UPDATE admission SET state = 'open', reason = '', until = NULL
			 WHERE state = 'paused' AND until IS NULL AND reason = $1`, reason)
	})
	if err != nil {
		return store.Admission{}, explain(err, "reopen admission")
	}
	return s.Admission(ctx)
}

// open opens the gate by a statement; where it does, videos that waited for it
// are due now.
func open(ctx context.Context, tx pgx.Tx, statement string, args ...any) error {
	tag, err := tx.Exec(ctx, statement, args...)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE videos SET due_at = now() WHERE waiting AND not_before <= now() AND due_at > now()`)
	return err
}

func (s *Store) gate(ctx context.Context, doing, sql string) (store.Admission, error) {
	list, err := collect(ctx, s, func(row pgx.CollectableRow) (a store.Admission, err error) {
		return a, row.Scan(&a.State, &a.Reason, asTime(&a.Until))
	}, sql)
	if err != nil {
		return store.Admission{}, explain(err, doing)
	}
	return list[0], nil
}

// closeGate applies what HeyGen said. A stop outlasts everything; a pause by
// an operator outlasts a Retry-After; the longer of two Retry-Afters holds.
func closeGate(ctx context.Context, tx pgx.Tx, p store.Pause) error {
	if p.Stop {
		return shut(ctx, tx, `UPDATE admission SET state = 'stopped', reason = $1, until = NULL`, p.Reason)
	}
	return shut(ctx, tx, `
		UPDATE admission
		   SET state = 'paused', reason = $1, until = greatest(until, now() + $2 * interval '1 s')
		 WHERE state = 'open' OR (state = 'paused' AND until IS NOT NULL)`, p.Reason, seconds(p.For))
}

// shut closes the gate by a statement, and takes the slots back that queued
// rows hold: they cannot begin while it is closed. A row that begins this
// moment is skipped; it is on its way. Admission's lock comes first: an Admit
// that has seen the gate open must have committed, or its rows would keep
// their slots until redispatch.
func shut(ctx context.Context, tx pgx.Tx, statement string, args ...any) error {
	if _, err := tx.Exec(ctx, lockAdmission); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, statement, args...); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE videos
		   SET slot = false, run = claim + 1, claim = claim + 1, lease_until = NULL,
		       due_at = coalesce((SELECT until FROM admission WHERE state = 'paused'), now())
		 WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE active AND state = 'queued' FOR UPDATE SKIP LOCKED))`)
	return err
}
