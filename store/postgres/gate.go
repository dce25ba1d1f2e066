package postgres

import (
	"context"

	"github.com/google/uuid"
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
		return open(ctx, tx, `UPDATE admission SET `+opened+`, streak = '{}'`)
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
			UPDATE admission SET `+opened+`, streak = '{}'
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
	_, err = tx.Exec(ctx, `UPDATE videos SET due_at = now() WHERE `+waitsForGate)
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

// pauseFor closes the gate for a time. A stop and a pause by an operator outlast
// it; the longer of two holds.
func pauseFor(ctx context.Context, tx pgx.Tx, p store.Pause) error {
	return shut(ctx, tx, `
		UPDATE admission
		   SET state = 'paused', reason = $1, until = greatest(until, now() + $2 * interval '1 s')
		 WHERE state = 'open' OR (state = 'paused' AND until IS NOT NULL)`, p.Reason, seconds(p.For))
}

// stop closes the gate until HeyGen takes a video again. What an operator has
// paused stays paused: a stop ends by itself. If the video that was let through
// is among those that were refused, the next one waits for longer.
func stop(ctx context.Context, tx pgx.Tx, r store.Refusal, refused []uuid.UUID) error {
	return shut(ctx, tx, `
		UPDATE admission
		   SET state = 'stopped', reason = $1, until = NULL, proof = $2,
		       closed_at = CASE WHEN state = 'stopped' THEN closed_at ELSE now() END,
		       probes    = CASE WHEN state <> 'stopped' THEN 0 WHEN probe = ANY($3) THEN probes + 1 ELSE probes END,
		       probe     = CASE WHEN state = 'stopped' AND probe <> ALL($3) THEN probe END,
		       probe_at  = now() + least($5, $4 * 2 ^ CASE WHEN state <> 'stopped' THEN 0 WHEN probe = ANY($3) THEN probes + 1 ELSE probes END) * interval '1 s'
		 WHERE state <> 'paused' OR until IS NOT NULL`,
		r.Reason, r.Proof, refused, seconds(store.ProbeWait), seconds(store.MostProbeWait))
}

// forgetStreak ends a row of equal refusals.
const forgetStreak = `UPDATE admission SET streak = streak - 'kind' - 'videos' WHERE $1 AND streak ? 'kind'`

// openByProof opens a stopped gate if what HeyGen took ($1) or completed ($2) was
// sent after it had closed. The first send of a key is proof that HeyGen takes
// new videos; a resend may be answered from HeyGen's memory, but for that of the
// video that was let through.
const openByProof = `
	WITH opened AS (
	UPDATE admission a
	   SET ` + opened + `, streak = jsonb_strip_nulls(jsonb_build_object('passed', a.streak ->> 'closed'))
	 WHERE a.state = 'stopped'
	   AND EXISTS (SELECT FROM videos v
	                WHERE CASE a.proof
	                      WHEN 'render' THEN v.id = ANY($2::uuid[]) AND v.accepted_at > coalesce(a.closed_at, '-infinity')
	                      ELSE v.id = ANY($1::uuid[]) AND v.sent_at > coalesce(a.closed_at, '-infinity')
	                           AND (a.proof = 'answer' OR v.sends = 1 OR v.id = a.probe) END
	                  AND v.id = ANY($1::uuid[] || $2::uuid[]))
	RETURNING true)
	UPDATE videos SET due_at = now() WHERE ` + waitsForGate + ` AND EXISTS (SELECT FROM opened)`

// opened is a gate without a memory.
const opened = `state = 'open', reason = '', until = NULL, closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0`

// waitsForGate is true of the videos that are due as soon as the gate is open.
const waitsForGate = `waiting AND not_before <= now() AND due_at > now()`

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
