package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

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
	UPDATE videos AS v
	   SET state = ` + newState + `,
	       slot  = ` + newSlot + `,
	       run   = v.claim + 1,
	       claim = v.claim + 1 + e.next,
	       lease_until = NULL,
	       due_at = CASE WHEN ` + newState + ` IN ('completed', 'failed', 'cancelled') AND NOT (` + newSlot + ` OR e.watch) THEN NULL
	                     WHEN e.next THEN :now + :redispatch
	                     WHEN ` + cancels + ` OR (e.due_on_hint AND v.hinted) THEN :now
	                     ELSE :now + e.due / 1000 END,
	       hinted  = v.hinted AND NOT e.clear_hint,
	       attempt = CASE e.attempts WHEN 0 THEN 0 WHEN 1 THEN v.attempt + 1 ELSE v.attempt END,
	       lapses  = CASE e.attempts WHEN 2 THEN v.lapses ELSE 0 END,

	       submission    = v.submission + (e.new_submission AND NOT ` + cancels + `),
	       sends         = CASE WHEN e.unsend THEN 0 ELSE v.sends END,
	       submitted_at  = CASE WHEN NOT e.unsend THEN v.submitted_at END,
	       sent_at       = CASE WHEN NOT e.unsend THEN v.sent_at END,
	       refusals      = CASE WHEN e.new_submission THEN 0 ELSE v.refusals + e.refused END,
	       refusal       = CASE WHEN NOT e.forget_refusal AND ` + newState + ` = 'submitting' THEN coalesce(e.store_refusal, v.refusal) END,
	       looking_since = CASE WHEN ` + newState + ` = 'submitting' THEN v.looking_since END,
	       last_answer   = CASE WHEN ` + newState + ` = 'submitting' THEN coalesce(nullif(e.last_answer, ''), v.last_answer) END,

	       heygen_id       = CASE WHEN e.heygen_id <> '' THEN e.heygen_id ELSE v.heygen_id END,
	       accepted_at     = CASE WHEN e.heygen_id <> '' THEN :now ELSE v.accepted_at END,
	       render_deadline = CASE WHEN e.heygen_id <> '' THEN :now + :render ELSE v.render_deadline END,
	       render_dead     = (v.render_dead OR e.render_dead) AND NOT e.render_alive,
	       doubts          = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN 0 WHEN e.doubt = 1 THEN v.doubts + 1 ELSE v.doubts END,
	       doubted_since   = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN NULL WHEN e.doubt = 1 THEN coalesce(v.doubted_since, :now) ELSE v.doubted_since END,

	       failure      = CASE WHEN ` + newState + ` = 'failed' THEN coalesce(e.failure, v.failure) END,
	       media_prefix = CASE WHEN e.media_prefix <> '' THEN e.media_prefix ELSE v.media_prefix END,
	       file         = coalesce(e.file, v.file),
	       completed_at = CASE WHEN ` + newState + ` = 'completed' THEN coalesce(v.completed_at, :now) ELSE v.completed_at END,
	       timeline     = CASE WHEN ` + newState + ` = v.state THEN v.timeline
	                           ELSE json_insert(v.timeline, '$[#]', json_object('state', ` + newState + `, 'at', :now)) END
	  FROM (SELECT value ->> 'video' AS video, value ->> 'run' AS run, value ->> 'state' AS state,
	               value ->> 'to' AS "to", value ->> 'cancel_wins' AS cancel_wins, nullif(value -> 'failure', 'null') AS failure,
	               value ->> 'due' AS due, value ->> 'due_on_hint' AS due_on_hint, value ->> 'next' AS next,
	               value ->> 'free_slot' AS free_slot, value ->> 'take_slot' AS take_slot, value ->> 'watch' AS watch,
	               value ->> 'render_dead' AS render_dead, value ->> 'render_alive' AS render_alive, value ->> 'doubt' AS doubt, value ->> 'attempts' AS attempts,
	               value ->> 'unsend' AS unsend, value ->> 'refused' AS refused, value ->> 'new_submission' AS new_submission,
	               nullif(value -> 'store_refusal', 'null') AS store_refusal, value ->> 'forget_refusal' AS forget_refusal, value ->> 'last_answer' AS last_answer,
	               value ->> 'heygen_id' AS heygen_id, value ->> 'clear_hint' AS clear_hint,
	               value ->> 'media_prefix' AS media_prefix, nullif(value -> 'file', 'null') AS file
	          FROM json_each(:ends)) AS e
	 WHERE v.id = e.video AND v.run = e.run AND v.state = e.state
	RETURNING id, state, run, claim`

// End writes outcomes; those whose fence matches no row do not come back.
func (s *Store) End(ctx context.Context, ends []store.End) ([]store.Ended, error) {
	var ended []store.Ended
	err := s.write(ctx, func(tx *sql.Tx) error {
		judged, closes, err := judge(ctx, tx, ends)
		if err != nil || len(judged) == 0 {
			return err
		}
		records, err := json.Marshal(judged)
		if err != nil {
			return fmt.Errorf("encode ends: %w", err)
		}
		ended, err = collect(ctx, tx, scanEnded, endSQL, s.now(), sql.Named("ends", string(records)),
			interval("redispatch", s.timing.Redispatch), interval("render", s.timing.RenderTimeout))
		if err != nil {
			return err
		}
		return s.follow(ctx, tx, judged, ended, closes)
	})
	return ended, explain(err, "end runs")
}

// judge has the gate's memory judge those outcomes whose fence still matches.
func judge(ctx context.Context, tx *sql.Tx, ends []store.End) ([]store.End, *store.Refusal, error) {
	if !slices.ContainsFunc(ends, func(e store.End) bool { return e.Refusal != nil }) {
		return ends, nil, nil
	}
	claims := make([]store.Claim, len(ends))
	for i, e := range ends {
		claims[i] = store.Claim{Video: e.Video, Claim: e.Run}
	}
	fenced, err := collect(ctx, tx, scanID, `SELECT v.id FROM videos v JOIN `+pairs+` c ON v.id = c.id AND v.run = c.claim`, list(claims))
	if err != nil {
		return nil, nil, err
	}
	ends = slices.DeleteFunc(slices.Clone(ends), func(e store.End) bool { return !slices.Contains(fenced, e.Video) })
	var memory store.Streak
	if err := tx.QueryRowContext(ctx, `SELECT streak FROM admission`).Scan(asJSON(&memory)); err != nil {
		return nil, nil, err
	}
	judged, closes := memory.Judge(ends)
	kept, err := json.Marshal(memory)
	if err != nil {
		return nil, nil, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE admission SET streak = :streak`, sql.Named("streak", string(kept)))
	return judged, closes, err
}

// scanEnded tells a row whose next step is claimed by its claim: it is ahead
// of the run that the end voided.
func scanEnded(row scanner) (e store.Ended, err error) {
	var run, claim int64
	if err := row.Scan(&e.Video, &e.State, &run, &claim); err != nil {
		return e, err
	}
	if claim > run {
		e.Next = &store.Claim{Video: e.Video, Claim: claim}
	}
	return e, nil
}

// measure has a video that completed for the first time measured, now.
func (s *Store) measure(ctx context.Context, tx *sql.Tx, id uuid.UUID) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO video_analytics (video_id, due_at)
		SELECT id, :now FROM videos WHERE id = :id AND completed_at = timeline ->> '$[#-1].at'
		    ON CONFLICT (video_id) DO UPDATE SET due_at = :now, attempt = 0, counted = 0`, s.now(), sql.Named("id", id))
	return err
}

// follow writes what an end does beyond its row: completed videos are to be
// measured, and some answers open or close admission.
func (s *Store) follow(ctx context.Context, tx *sql.Tx, ends []store.End, ended []store.Ended, closes *store.Refusal) error {
	for _, e := range ended {
		if e.State == store.Completed {
			if err := s.measure(ctx, tx, e.Video); err != nil {
				return err
			}
		}
	}
	if err := s.openByProof(ctx, tx, ends); err != nil {
		return err
	}
	if closes != nil {
		if err := s.stop(ctx, tx, *closes, ends); err != nil {
			return err
		}
	}
	if pause := store.PauseOf(ends, ended); pause != nil {
		return s.pauseFor(ctx, tx, *pause)
	}
	return nil
}
