package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

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
		return s.open(ctx, tx, `UPDATE admission SET `+opened+`, streak = '{}'`)
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
			UPDATE admission SET `+opened+`, streak = '{}'
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

// pauseFor closes the gate for a time. A stop and a pause by an operator outlast
// it; the longer of two holds.
func (s *Store) pauseFor(ctx context.Context, tx *sql.Tx, p store.Pause) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE admission
		   SET state = 'paused', reason = :reason, until = max(coalesce(until, 0), :now + :for)
		 WHERE state = 'open' OR (state = 'paused' AND until IS NOT NULL)`,
		s.now(), sql.Named("reason", p.Reason), interval("for", p.For))
	if err != nil {
		return err
	}
	return s.freeAdmitted(ctx, tx)
}

// stop closes the gate until HeyGen takes a video again. What an operator has
// paused stays paused: a stop ends by itself. If the video that was let through
// is among those that were refused, the next one waits for longer.
func (s *Store) stop(ctx context.Context, tx *sql.Tx, r store.Refusal, refused []store.End) error {
	const (
		met  = `probe IN (SELECT value ->> 'video' FROM json_each(:refused))`
		next = `(CASE WHEN state <> 'stopped' THEN 0 WHEN ` + met + ` THEN probes + 1 ELSE probes END)`
	)
	records, err := json.Marshal(refused)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE admission
		   SET state = 'stopped', reason = :reason, until = NULL, proof = :proof,
		       closed_at = CASE WHEN state = 'stopped' THEN closed_at ELSE :now END,
		       probes    = `+next+`,
		       probe     = CASE WHEN state = 'stopped' AND NOT `+met+` THEN probe END,
		       probe_at  = :now + min(:most, :wait << min(`+next+`, 20))
		 WHERE state <> 'paused' OR until IS NOT NULL`,
		s.now(), sql.Named("reason", r.Reason), sql.Named("proof", string(r.Proof)), sql.Named("refused", string(records)),
		interval("wait", store.ProbeWait), interval("most", store.MostProbeWait))
	if err != nil {
		return err
	}
	return s.freeAdmitted(ctx, tx)
}

// openByProof opens a stopped gate if what HeyGen took or completed was sent
// after it had closed. The first send of a key is proof that HeyGen takes new
// videos; a resend may be answered from HeyGen's memory, but for that of the video
// that was let through. What HeyGen takes ends a row of equal refusals.
func (s *Store) openByProof(ctx context.Context, tx *sql.Tx, ends []store.End) error {
	var taken, rendered []string
	for _, e := range ends {
		switch {
		case e.Taken:
			taken = append(taken, e.Video.String())
		case e.State != store.Downloading && e.To == store.Downloading:
			rendered = append(rendered, e.Video.String())
		}
	}
	if len(taken)+len(rendered) == 0 {
		return nil
	}
	if len(taken) > 0 {
		_, err := tx.ExecContext(ctx, `UPDATE admission SET streak = json_remove(streak, '$.kind', '$.videos') WHERE streak ->> 'kind' IS NOT NULL`)
		if err != nil {
			return err
		}
	}
	return s.open(ctx, tx, `
		UPDATE admission AS a
		   SET `+opened+`, streak = json_patch('{}', json_object('passed', a.streak ->> 'closed'))
		 WHERE a.state = 'stopped'
		   AND EXISTS (SELECT 1 FROM videos v
		                WHERE CASE a.proof
		                      WHEN 'render' THEN v.id IN (SELECT value FROM json_each(:rendered)) AND v.accepted_at > coalesce(a.closed_at, 0)
		                      ELSE v.id IN (SELECT value FROM json_each(:taken)) AND v.sent_at > coalesce(a.closed_at, 0)
		                           AND (a.proof = 'answer' OR v.sends = 1 OR v.id = a.probe) END
		                  AND v.id IN (SELECT value FROM json_each(:taken) UNION ALL SELECT value FROM json_each(:rendered)))`,
		sql.Named("taken", texts(taken)), sql.Named("rendered", texts(rendered)))
}

func texts(list []string) string {
	encoded, _ := json.Marshal(append([]string{}, list...)) // it cannot fail
	return string(encoded)
}

// opened is a gate without a memory.
const opened = `state = 'open', reason = '', until = NULL, closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0`

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
