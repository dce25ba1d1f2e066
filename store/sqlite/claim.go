package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"heyq/store"
)

// needs says, for each step, which rows need it.
var needs = map[store.Step]string{
	store.Create:   `(state = 'submitting' OR (slot AND state = 'queued'))`,
	store.Poll:     `(state = 'rendering' OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))`,
	store.Download: `state = 'downloading'`,
}

// Conditions that let SQLite see that an index covers a query, which it does where
// they are written as the index has them: videos_waiting, videos_open, videos_ended_as.
// Each video meets one of them, but for one that has ended and is still watched.
const (
	waiting = `state = 'queued' AND NOT slot`
	open    = `(slot OR (due_at IS NOT NULL AND state <> 'queued'))`
	ended   = `state IN ('completed', 'failed', 'cancelled')`
)

// Claim takes up to n rows that are due for a step, the longest due first. A
// lease that is still set has run out: that is a lapse. A row that lapses too
// often is not handed out; it ends here.
func (s *Store) Claim(ctx context.Context, step store.Step, n int) ([]store.Claim, error) {
	type claimed struct {
		store.Claim
		lapses int
	}
	var claims []store.Claim
	err := s.write(ctx, func(tx *sql.Tx) error {
		rows, err := collect(ctx, tx, func(row scanner) (c claimed, err error) {
			return c, row.Scan(&c.Video, &c.Claim.Claim, &c.Trace, &c.lapses)
		}, `
			UPDATE videos
			   SET claim = claim + 1, due_at = :now + :redispatch,
			       lapses = lapses + (lease_until IS NOT NULL), lease_until = NULL
			 WHERE id IN (`+dueFor(step)+`)
			RETURNING id, claim, coalesce(traceparent, ''), lapses`, s.now(), interval("redispatch", s.timing.Redispatch), sql.Named("n", n))
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.lapses < store.MostLapses {
				claims = append(claims, row.Claim)
			} else if err := s.crashLoop(ctx, tx, row.Claim); err != nil {
				return err
			}
		}
		return nil
	})
	return claims, explain(err, "claim "+string(step))
}

// dueFor selects the rows that are due for a step.
func dueFor(step store.Step) string {
	return `SELECT id FROM videos WHERE due_at <= :now AND ` + open + ` AND ` + needs[step] + ` ORDER BY due_at, id LIMIT :n`
}

// crashLoop ends a row that keeps killing its worker. A create is looked for
// instead: it may have been accepted. A slot that is held stays watched.
func (s *Store) crashLoop(ctx context.Context, tx *sql.Tx, c store.Claim) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE videos
		   SET run = claim + 1, claim = claim + 1, lease_until = NULL, attempt = 0, lapses = 0,
		       state   = CASE WHEN state IN ('rendering', 'downloading') THEN 'failed' ELSE state END,
		       failure = CASE state WHEN 'rendering' THEN json_set(:why, '$.step', 'poll')
		                            WHEN 'downloading' THEN json_set(:why, '$.step', 'download') ELSE failure END,
		       refusal = CASE WHEN state = 'submitting' THEN coalesce(refusal, json_set(:why, '$.step', 'create')) ELSE refusal END,
		       timeline = CASE WHEN state IN ('rendering', 'downloading') THEN json_insert(timeline, '$[#]', json_object('state', 'failed', 'at', :now)) ELSE timeline END,
		       due_at  = CASE WHEN slot THEN :now END
		 WHERE id = :id AND claim = :claim AND run < :claim`,
		s.now(), sql.Named("id", c.Video), sql.Named("claim", c.Claim),
		sql.Named("why", `{"code": "crash_loop", "message": "the worker died each time that it ran this step"}`))
	return err
}

// Unclaim makes claims that could not be enqueued due again in a second.
func (s *Store) Unclaim(ctx context.Context, claims []store.Claim) error {
	_, err := s.exec(ctx, `
		UPDATE videos AS v SET due_at = :now + 1000000
		  FROM `+pairs+` AS c
		 WHERE v.id = c.id AND v.claim = c.claim AND v.run < c.claim AND v.due_at IS NOT NULL`, list(claims))
	return explain(err, "give claims back")
}

// Regrant makes due what was granted within the last d and has not begun. A grant is
// due at redispatch, and nothing else is due so late while its claim has not begun.
func (s *Store) Regrant(ctx context.Context, d time.Duration) error {
	for _, update := range []string{
		`UPDATE videos SET due_at = :now WHERE ` + open + ` AND lease_until IS NULL`,
		`UPDATE notifications SET due_at = :now WHERE due_at IS NOT NULL`,
	} {
		if _, err := s.exec(ctx, update+` AND claim > run AND due_at > :now + :after`, interval("after", s.timing.Redispatch-d)); err != nil {
			return explain(err, "grant again what may be lost")
		}
	}
	return nil
}

// Hold keeps claims that wait inside a worker from being dispatched again.
func (s *Store) Hold(ctx context.Context, claims []store.Claim) ([]store.Claim, error) {
	held, err := change(ctx, s, scanClaim, `
		UPDATE videos AS v SET due_at = :now + :lease
		  FROM `+pairs+` AS c
		 WHERE v.id = c.id AND v.claim = c.claim AND v.run < c.claim AND v.due_at IS NOT NULL
		RETURNING id, claim`, interval("lease", s.timing.Lease), list(claims))
	return held, explain(err, "hold claims")
}

// pairs reads a list of claims; list gives it.
const pairs = `(SELECT value ->> 'id' AS id, value ->> 'claim' AS claim FROM json_each(:list))`

func list(claims []store.Claim) sql.NamedArg {
	encoded, _ := json.Marshal(claims) // of ids and numbers: it cannot fail
	return sql.Named("list", string(encoded))
}
