package postgres

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// needs says, for each step, which of the active rows need it.
var needs = map[store.Step]string{
	store.Create:   `(state = 'submitting' OR (slot AND state = 'queued'))`,
	store.Poll:     `(state = 'rendering' OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))`,
	store.Download: `state = 'downloading'`,
}

// Claim takes up to n rows that are due for a step, the longest due first. A
// lease that is still set has run out: that is a lapse. A row that lapses too
// often is not handed out; it ends here.
//
// The list is an ARRAY, never IN (SELECT … LIMIT … FOR UPDATE): the planner may
// run such a subquery again, and update more rows than the limit.
func (s *Store) Claim(ctx context.Context, step store.Step, n int) ([]store.Claim, error) {
	type claimed struct {
		store.Claim
		Lapses int
	}
	rows, err := collect(ctx, s, func(row pgx.CollectableRow) (c claimed, err error) {
		return c, row.Scan(&c.Video, &c.Claim.Claim, &c.Trace, &c.Lapses)
	}, `
		UPDATE videos
		   SET claim = claim + 1, due_at = now() + $2 * interval '1 s',
		       lapses = lapses + (lease_until IS NOT NULL)::integer, lease_until = NULL
		 WHERE id = ANY (ARRAY(
		       SELECT id FROM videos
		        WHERE active AND due_at <= now() AND `+needs[step]+`
		        ORDER BY due_at, id
		        LIMIT $1 FOR UPDATE SKIP LOCKED))
		RETURNING id, claim, coalesce(traceparent, ''), lapses`, n, seconds(s.timing.Redispatch))
	if err != nil {
		return nil, explain(err, "claim "+string(step))
	}
	claims := make([]store.Claim, 0, len(rows))
	for _, row := range rows {
		if row.Lapses < store.MostLapses {
			claims = append(claims, row.Claim)
			continue
		}
		if err := s.crashLoop(ctx, row.Claim); err != nil {
			return nil, explain(err, "end a crash loop")
		}
	}
	return claims, nil
}

// crashLoop ends a row that keeps killing its worker. A create is looked for
// instead: it may have been accepted. A slot that is held stays watched.
func (s *Store) crashLoop(ctx context.Context, c store.Claim) error {
	_, err := s.exec(ctx, `
		UPDATE videos
		   SET run = claim + 1, claim = claim + 1, lease_until = NULL, attempt = 0, lapses = 0,
		       state   = CASE WHEN state IN ('rendering', 'downloading') THEN 'failed' ELSE state END,
		       failure = CASE WHEN state IN ('rendering', 'downloading') THEN $3::jsonb || jsonb_build_object('step',
		                      CASE state WHEN 'rendering' THEN 'poll' ELSE 'download' END) ELSE failure END,
		       refusal = CASE WHEN state = 'submitting' THEN coalesce(refusal, $3::jsonb || '{"step": "create"}') ELSE refusal END,
		       timeline = CASE WHEN state IN ('rendering', 'downloading') THEN timeline || jsonb_build_array(jsonb_build_object('state', 'failed', 'at', now())) ELSE timeline END,
		       due_at  = CASE WHEN slot THEN now() END
		 WHERE id = $1 AND claim = $2 AND run < $2`,
		c.Video, c.Claim, `{"code": "crash_loop", "message": "the worker died each time that it ran this step"}`)
	return err
}

// Unclaim makes claims that could not be enqueued due again in a second. One that
// another transaction holds is left out: it is due again after redispatch.
func (s *Store) Unclaim(ctx context.Context, claims []store.Claim) error {
	ids, numbers := columns(claims)
	_, err := s.exec(ctx, `
		WITH free AS (
		    SELECT v.id FROM unnest($1::uuid[], $2::bigint[]) AS c (id, claim)
		      JOIN videos v ON v.id = c.id AND v.claim = c.claim AND v.run < c.claim AND v.due_at IS NOT NULL
		       FOR NO KEY UPDATE OF v SKIP LOCKED
		)
		UPDATE videos v SET due_at = now() + interval '1 s' FROM free WHERE v.id = free.id`, ids, numbers)
	return explain(err, "give claims back")
}

// Regrant makes due what was granted within the last d and has not begun. A grant is
// due at redispatch, and nothing else is due so late while its claim has not begun.
func (s *Store) Regrant(ctx context.Context, d time.Duration) error {
	for _, update := range []string{
		`UPDATE videos SET due_at = now() WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE active AND lease_until IS NULL`,
		`UPDATE notifications SET due_at = now() WHERE id = ANY (ARRAY(SELECT id FROM notifications WHERE due_at IS NOT NULL`,
	} {
		_, err := s.exec(ctx, update+` AND claim > run AND due_at > now() + $1 * interval '1 s' FOR NO KEY UPDATE SKIP LOCKED))`, seconds(s.timing.Redispatch-d))
		if err != nil {
			return explain(err, "grant again what may be lost")
		}
	}
	return nil
}

// Hold keeps claims that wait inside a worker from being dispatched again. Like Renew
// it waits for nobody.
func (s *Store) Hold(ctx context.Context, claims []store.Claim) ([]store.Claim, error) {
	ids, numbers := columns(claims)
	held, err := collect(ctx, s, pgx.RowToStructByPos[store.Claim], `
		WITH waiting AS (
		    SELECT v.id, v.claim FROM unnest($1::uuid[], $2::bigint[]) AS c (id, claim)
		      JOIN videos v ON v.id = c.id AND v.claim = c.claim AND v.run < c.claim AND v.due_at IS NOT NULL
		), free AS (
		    SELECT v.id, v.claim FROM unnest($1::uuid[], $2::bigint[]) AS c (id, claim)
		      JOIN videos v ON v.id = c.id AND v.claim = c.claim AND v.run < c.claim AND v.due_at IS NOT NULL
		       FOR NO KEY UPDATE OF v SKIP LOCKED
		), held AS (
		    UPDATE videos v SET due_at = now() + $3 * interval '1 s' FROM free WHERE v.id = free.id
		)
		SELECT id, claim FROM free
		 UNION ALL
		SELECT id, claim FROM waiting WHERE id NOT IN (SELECT id FROM free)`, ids, numbers, seconds(s.timing.Lease))
	return held, explain(err, "hold claims")
}

// columns splits claims for unnest. They are sorted, so that statements which
// meet in the same rows mostly lock them in the same order.
func columns(claims []store.Claim) ([]uuid.UUID, []int64) {
	claims = slices.SortedFunc(slices.Values(claims), func(a, b store.Claim) int { return byID(a.Video, b.Video) })
	numbers := make([]int64, len(claims))
	for i, c := range claims {
		numbers[i] = c.Claim
	}
	return store.IDs(claims), numbers
}

func byID(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
