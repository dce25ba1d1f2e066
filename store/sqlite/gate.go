package sqlite

import (
	"context"
	"database/sql"

	"heyq/store"
)

// Admission returns the gate as it stands now; a pause that has run out is no
// pause any more.
func (s *Store) Admission(ctx context.Context) (store.Admission, error) {
	list, err := collect(ctx, s.reader, func(row scanner) (a store.Admission, err error) {
		return a, row.Scan(&a.State, &a.Reason, asTime(&a.Until))
	}, `
		SELECT CASE WHEN state = 'paused' AND until <= :now THEN 'open' ELSE state END,
		       CASE WHEN state = 'paused' AND until <= :now THEN '' ELSE reason END,
		       CASE WHEN state = 'paused' AND until > :now THEN until END
		  FROM admission`, s.now())
	if err != nil {
		return store.Admission{}, explain(err, "read admission")
	}
	return list[0], nil
}

// PauseAdmission closes the gate until somebody resumes it.
func (s *Store) PauseAdmission(ctx context.Context, reason string) (store.Admission, error) {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE admission SET state = 'paused', reason = :reason, until = NULL`, sql.Named("reason", reason)); err != nil {
			return err
		}
		return s.freeAdmitted(ctx, tx)
	})
	if err != nil {
		return store.Admission{}, explain(err, "pause admission")
	}
	return s.Admission(ctx)
}

// ResumeAdmission opens the gate; videos that waited for it are due now.
func (s *Store) ResumeAdmission(ctx context.Context) (store.Admission, error) {
	err := s.write(ctx, func(tx *sql.Tx) error {
		return s.open(ctx, tx, `UPDATE admission SET state = 'open', reason = '', until = NULL`)
	})
	if err != nil {
		return store.Admission{}, explain(err, "resume admission")
	}
	return s.Admission(ctx)
}

// CloseAdmission closes the gate unless it is closed until somebody opens it.
func (s *Store) CloseAdmission(ctx context.Context, reason string) (store.Admission, error) {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE admission SET state = 'paused', reason = :reason, until = NULL
			 WHERE state = 'open' OR (state = 'paused' AND until IS NOT NULL)`, sql.Named("reason", reason))
		if err != nil {
			return err
		}
		return s.freeAdmitted(ctx, tx)
	})
	if err != nil {
		return store.Admission{}, explain(err, "close admission")
	}
	return s.Admission(ctx)
}

// ReopenAdmission opens the gate that CloseAdmission closed for this reason.
func (s *Store) ReopenAdmission(ctx context.Context, reason string) (store.Admission, error) {
	err := s.write(ctx, func(tx *sql.Tx) error {
		return s.open(ctx, tx, `
			UPDATE admission SET state = 'open', reason = '', until = NULL
			 WHERE state = 'paused' AND until IS NULL AND reason = :reason`, sql.Named("reason", reason))
	})
	if err != nil {
		return store.Admission{}, explain(err, "reopen admission")
	}
	return s.Admission(ctx)
}

// open opens the gate by a statement; where it does, videos that waited for it
// are due now.
func (s *Store) open(ctx context.Context, tx *sql.Tx, statement string, args ...any) error {
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE videos SET due_at = :now WHERE `+waiting+` AND not_before <= :now AND due_at > :now`, s.now())
	return err
}

// closeGate applies what HeyGen said. A stop outlasts everything; a pause by
// an operator outlasts a Retry-After; the longer of two Retry-Afters holds.
func (s *Store) closeGate(ctx context.Context, tx *sql.Tx, p store.Pause) error {
	var err error
	if p.Stop {
		_, err = tx.ExecContext(ctx, `UPDATE admission SET state = 'stopped', reason = :reason, until = NULL`, sql.Named("reason", p.Reason))
	} else {
		_, err = tx.ExecContext(ctx, `
			UPDATE admission
			   SET state = 'paused', reason = :reason, until = max(coalesce(until, 0), :now + :for)
			 WHERE state = 'open' OR (state = 'paused' AND until IS NOT NULL)`,
			s.now(), sql.Named("reason", p.Reason), interval("for", p.For))
	}
	if err != nil {
		return err
	}
	return s.freeAdmitted(ctx, tx)
}

// freeAdmitted takes the slots back that queued rows hold: they cannot begin
// while the gate is closed.
func (s *Store) freeAdmitted(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE videos
		   SET slot = 0, run = claim + 1, claim = claim + 1, lease_until = NULL,
		       due_at = coalesce((SELECT until FROM admission WHERE state = 'paused'), :now)
		 WHERE state = 'queued' AND slot`, s.now())
	return err
}
