package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// cancels is true where a requested cancel takes the outcome's place.
const cancels = `(e.cancel_wins AND v.cancel_requested)`

// newState and newSlot are what the row will have.
const (
	newState = `(CASE WHEN ` + cancels + ` THEN 'cancelled' ELSE e."to" END)`
	newSlot  = `(v.slot AND NOT e.free_slot OR e.take_slot)`
)

// endSQL applies a list of outcomes under their fences. It reads like the
// comment on store.End, and has no rule that is not written there.
const endSQL = `
	WITH ended AS (
	UPDATE videos v
	   SET state = ` + newState + `,
	       slot  = ` + newSlot + `,
	       run   = v.claim + 1,
	       claim = v.claim + CASE WHEN e.next THEN 2 ELSE 1 END,
	       lease_until = NULL,
	       due_at = CASE WHEN ` + newState + ` IN ('completed', 'failed', 'cancelled') AND NOT (` + newSlot + ` OR e.watch) THEN NULL
	                     WHEN e.next THEN now() + $2 * interval '1 s'
	                     WHEN ` + cancels + ` OR (e.due_on_hint AND v.hinted) THEN now()
	                     ELSE now() + e.due / 1e9 * interval '1 s' END,
	       hinted  = v.hinted AND NOT e.clear_hint,
	       attempt = CASE e.attempts WHEN 0 THEN 0 WHEN 1 THEN v.attempt + 1 ELSE v.attempt END,
	       lapses  = CASE e.attempts WHEN 2 THEN v.lapses ELSE 0 END,

	       submission    = v.submission + (e.new_submission AND NOT ` + cancels + `)::integer,
	       sends         = CASE WHEN e.unsend THEN 0 ELSE v.sends END,
	       submitted_at  = CASE WHEN NOT e.unsend THEN v.submitted_at END,
	       sent_at       = CASE WHEN NOT e.unsend THEN v.sent_at END,
	       refusals      = CASE WHEN e.new_submission THEN 0 ELSE v.refusals + e.refused::integer END,
	       refusal       = CASE WHEN NOT e.forget_refusal AND ` + newState + ` = 'submitting' THEN coalesce(e.store_refusal, v.refusal) END,
	       looking_since = CASE WHEN ` + newState + ` = 'submitting' THEN v.looking_since END,
	       last_answer   = CASE WHEN ` + newState + ` = 'submitting' THEN coalesce(nullif(e.last_answer, ''), v.last_answer) END,

	       heygen_id       = CASE WHEN e.heygen_id <> '' THEN e.heygen_id ELSE v.heygen_id END,
	       accepted_at     = CASE WHEN e.heygen_id <> '' THEN now() ELSE v.accepted_at END,
	       render_deadline = CASE WHEN e.heygen_id <> '' THEN now() + $3 * interval '1 s' ELSE v.render_deadline END,
	       render_dead     = (v.render_dead OR e.render_dead) AND NOT e.render_alive,
	       doubts          = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN 0 WHEN e.doubt = 1 THEN v.doubts + 1 ELSE v.doubts END,
	       doubted_since   = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN NULL WHEN e.doubt = 1 THEN coalesce(v.doubted_since, now()) ELSE v.doubted_since END,

	       failure      = CASE WHEN ` + newState + ` = 'failed' THEN coalesce(e.failure, v.failure) END,
	       media_prefix = CASE WHEN e.media_prefix <> '' THEN e.media_prefix ELSE v.media_prefix END,
	       file         = coalesce(e.file, v.file),
	       completed_at = CASE WHEN ` + newState + ` = 'completed' THEN coalesce(v.completed_at, now()) ELSE v.completed_at END,
	       timeline     = CASE WHEN ` + newState + ` = v.state THEN v.timeline
	                           ELSE v.timeline || jsonb_build_array(jsonb_build_object('state', ` + newState + `, 'at', now())) END
	  FROM json_to_recordset($1) AS e (
	       video uuid, run bigint, state text, "to" text, cancel_wins boolean, failure jsonb,
	       due float8, due_on_hint boolean, next boolean, free_slot boolean, take_slot boolean, watch boolean,
	       render_dead boolean, render_alive boolean, doubt integer, attempts integer,
	       unsend boolean, refused boolean, new_submission boolean, store_refusal jsonb, forget_refusal boolean, last_answer text,
	       heygen_id text, clear_hint boolean, media_prefix text, file jsonb)
	 WHERE v.id = e.video AND v.run = e.run AND v.state = e.state
	RETURNING v.id, v.state, v.claim, e.next, v.completed_at = now() AS first),
	measured AS (
	INSERT INTO video_analytics (video_id)
	SELECT id FROM ended WHERE state = 'completed' AND first
	    ON CONFLICT (video_id) DO UPDATE SET due_at = now(), attempt = 0, counted = false)
	SELECT id, state, claim, next AND state NOT IN ('completed', 'failed', 'cancelled') FROM ended`

// End writes outcomes; those whose fence matches no row do not come back.
func (s *Store) End(ctx context.Context, ends []store.End) (ended []store.Ended, err error) {
	switch {
	case len(ends) == 0:
		return nil, nil
	case slices.ContainsFunc(ends, func(e store.End) bool { return e.Refusal != nil || e.Pause != nil }):
		ended, err = s.endAtGate(ctx, ends)
	default:
		ended, err = s.endAndPass(ctx, ends)
	}
	return ended, explain(err, "end runs")
}

// endArgs are the arguments of endSQL.
func (s *Store) endArgs(ends []store.End) ([]any, error) {
	ends = slices.SortedFunc(slices.Values(ends), func(a, b store.End) int { return byID(a.Video, b.Video) })
	records, err := json.Marshal(ends)
	if err != nil {
		return nil, fmt.Errorf("encode ends: %w", err)
	}
	return []any{records, seconds(s.timing.Redispatch), seconds(s.timing.RenderTimeout)}, nil
}

// endAndPass writes outcomes that close nothing, in one round trip. Some of them
// may open the gate.
func (s *Store) endAndPass(ctx context.Context, ends []store.End) (ended []store.Ended, err error) {
	args, err := s.endArgs(ends)
	if err != nil {
		return nil, err
	}
	taken, rendered := proofs(ends)
	if len(taken)+len(rendered) == 0 {
		return collect(ctx, s, scanEnded, endSQL, args...)
	}
	err = s.do(ctx, func(ctx context.Context, db querier) error {
		batch := &pgx.Batch{} // one implicit transaction
		batch.Queue(endSQL, args...).Query(func(rows pgx.Rows) (err error) {
			ended, err = pgx.CollectRows(rows, scanEnded)
			return err
		})
		batch.Queue(forgetStreak, len(taken) > 0)
		batch.Queue(openByProof, taken, rendered)
		return db.SendBatch(ctx, batch).Close()
	})
	return ended, err
}

// endAtGate writes outcomes among which are refusals and pauses, together with
// what they do to the gate. Its lock comes first: see shut.
func (s *Store) endAtGate(ctx context.Context, ends []store.End) (ended []store.Ended, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockAdmission); err != nil {
			return err
		}
		judged, closes, err := s.judge(ctx, tx, ends)
		if err != nil {
			return err
		}
		if len(judged) == 0 {
			ended = nil
			return nil
		}
		args, err := s.endArgs(judged)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, endSQL, args...)
		if err != nil {
			return err
		}
		if ended, err = pgx.CollectRows(rows, scanEnded); err != nil {
			return err
		}
		if taken, rendered := proofs(ends); len(taken)+len(rendered) > 0 {
			if _, err := tx.Exec(ctx, openByProof, taken, rendered); err != nil {
				return err
			}
		}
		if closes != nil {
			if err := stop(ctx, tx, *closes, videosOf(ends)); err != nil {
				return err
			}
		}
		if pause := store.PauseOf(judged, ended); pause != nil {
			return pauseFor(ctx, tx, *pause)
		}
		return nil
	})
	return ended, err
}

// judge has the gate's memory judge those outcomes whose fence still matches.
// The rows stay locked, so that what is judged is what is written.
func (s *Store) judge(ctx context.Context, tx pgx.Tx, ends []store.End) ([]store.End, *store.Refusal, error) {
	if !slices.ContainsFunc(ends, func(e store.End) bool { return e.Refusal != nil }) {
		return ends, nil, nil
	}
	fences := slices.SortedFunc(slices.Values(ends), func(a, b store.End) int { return byID(a.Video, b.Video) })
	ids, runs := make([]uuid.UUID, len(fences)), make([]int64, len(fences))
	for i, e := range fences {
		ids[i], runs[i] = e.Video, e.Run
	}
	rows, err := tx.Query(ctx, `
		SELECT v.id FROM videos v JOIN unnest($1::uuid[], $2::bigint[]) AS e (id, run) ON v.id = e.id
		 WHERE v.run = e.run ORDER BY v.id FOR UPDATE OF v`, ids, runs)
	if err != nil {
		return nil, nil, err
	}
	fenced, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, nil, err
	}
	ends = slices.DeleteFunc(slices.Clone(ends), func(e store.End) bool { return !slices.Contains(fenced, e.Video) })
	var memory store.Streak
	if err := tx.QueryRow(ctx, `SELECT streak FROM admission FOR UPDATE`).Scan(&memory); err != nil {
		return nil, nil, err
	}
	judged, closes := memory.Judge(ends)
	_, err = tx.Exec(ctx, `UPDATE admission SET streak = $1`, memory)
	return judged, closes, err
}

func videosOf(ends []store.End) []uuid.UUID {
	ids := make([]uuid.UUID, len(ends))
	for i, e := range ends {
		ids[i] = e.Video
	}
	return ids
}

// proofs lists the videos whose create HeyGen has taken, and those whose render
// it has completed.
func proofs(ends []store.End) (taken, rendered []uuid.UUID) {
	for _, e := range ends {
		switch {
		case e.Taken:
			taken = append(taken, e.Video)
		case e.State != store.Downloading && e.To == store.Downloading:
			rendered = append(rendered, e.Video)
		}
	}
	return taken, rendered
}

func scanEnded(row pgx.CollectableRow) (e store.Ended, err error) {
	var claim int64
	var next bool
	if err := row.Scan(&e.Video, &e.State, &claim, &next); err != nil {
		return e, err
	}
	if next {
		e.Next = &store.Claim{Video: e.Video, Claim: claim}
	}
	return e, nil
}
