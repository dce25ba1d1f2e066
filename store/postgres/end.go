package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// cancels is true where a requested cancel takes the outcome's place.
const cancels = `(e.cancel_wins AND v.cancel_requested)`

// newState and newSlot are what the row will have.
const (
	newState = `(CASE WHEN ` + cancels + ` THEN 'cancelled' ELSE e."to" END)`
	newSlot  = `(v.slot AND NOT e.free_slot)`
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
	       due_at = CASE WHEN ` + newState + ` IN ('completed', 'failed', 'cancelled') AND NOT ` + newSlot + ` THEN NULL
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

	       heygen_id       = CASE WHEN e.heygen_id <> '' THEN e.heygen_id ELSE v.heygen_id END,
	       accepted_at     = CASE WHEN e.heygen_id <> '' THEN now() ELSE v.accepted_at END,
	       render_deadline = CASE WHEN e.heygen_id <> '' THEN now() + $3 * interval '1 s' ELSE v.render_deadline END,
	       render_dead     = v.render_dead OR e.render_dead,

	       failure      = CASE WHEN ` + newState + ` = 'failed' THEN coalesce(e.failure, v.failure) END,
	       media_prefix = CASE WHEN e.media_prefix <> '' THEN e.media_prefix ELSE v.media_prefix END,
	       file         = coalesce(e.file, v.file),
	       completed_at = CASE WHEN ` + newState + ` = 'completed' THEN now() ELSE v.completed_at END,
	       timeline     = CASE WHEN ` + newState + ` = v.state THEN v.timeline
	                           ELSE v.timeline || jsonb_build_array(jsonb_build_object('state', ` + newState + `, 'at', now())) END
	  FROM json_to_recordset($1) AS e (
	       video uuid, run bigint, state text, "to" text, cancel_wins boolean, failure jsonb,
	       due float8, due_on_hint boolean, next boolean, free_slot boolean, render_dead boolean, attempts integer,
	       unsend boolean, refused boolean, new_submission boolean, store_refusal jsonb, forget_refusal boolean,
	       heygen_id text, clear_hint boolean, media_prefix text, file jsonb)
	 WHERE v.id = e.video AND v.run = e.run AND v.state = e.state
	RETURNING v.id, v.state, v.claim, e.next),
	measured AS (
	INSERT INTO video_analytics (video_id)
	SELECT id FROM ended WHERE state = 'completed'
	    ON CONFLICT (video_id) DO UPDATE SET due_at = now(), attempt = 0)
	SELECT id, state, claim, next AND state NOT IN ('completed', 'failed', 'cancelled') FROM ended`

// End writes outcomes; those whose fence matches no row do not come back.
func (s *Store) End(ctx context.Context, ends []store.End) ([]store.Ended, error) {
	if len(ends) == 0 {
		return nil, nil
	}
	ends = slices.SortedFunc(slices.Values(ends), func(a, b store.End) int { return byID(a.Video, b.Video) })
	records, err := json.Marshal(ends)
	if err != nil {
		return nil, fmt.Errorf("encode ends: %w", err)
	}
	args := []any{records, seconds(s.timing.Redispatch), seconds(s.timing.RenderTimeout)}
	if !slices.ContainsFunc(ends, func(e store.End) bool { return e.Pause != nil }) {
		ended, err := collect(ctx, s, scanEnded, endSQL, args...)
		return ended, explain(err, "end runs")
	}
	var ended []store.Ended
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, endSQL, args...)
		if err != nil {
			return err
		}
		if ended, err = pgx.CollectRows(rows, scanEnded); err != nil {
			return err
		}
		if pause := store.PauseOf(ends, ended); pause != nil {
			return closeGate(ctx, tx, *pause)
		}
		return nil
	})
	return ended, explain(err, "end runs and close admission")
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
