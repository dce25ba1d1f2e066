package sql

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"heyq/store"
)

// cancels is true if a requested cancel takes the outcome's place.
const cancels = `(e.cancel_wins AND v.cancel_requested)`

// newState and newSlot are what the row will have.
const (
	newState = `(CASE WHEN ` + cancels + ` THEN 'cancelled' ELSE e."to" END)`
	newSlot  = `(v.slot AND NOT e.free_slot OR e.take_slot)`
)

// end applies a list of outcomes under their fences. It reads like the comment on
// store.End, and has no rule that is not written there. If the next step of a row is
// claimed already, that claim is newer than the run, and the end of the run does nothing.
var end = statement("end", `
	UPDATE videos AS v
	   SET state = `+newState+`,
	       slot  = `+newSlot+`,
	       run   = v.claim + 1,
	       claim = v.claim + CASE WHEN e.next THEN 2 ELSE 1 END,
	       lease_until = NULL,
	       due_at = CASE WHEN `+newState+` IN ('completed', 'failed', 'cancelled') AND NOT (`+newSlot+` OR e.watch) THEN NULL
	                     WHEN e.next THEN {now} + {span @redispatch}
	                     WHEN `+cancels+` OR (e.due_on_hint AND v.hinted) THEN {now}
	                     ELSE {now} + {span e.due / 1000} END,
	       hinted  = v.hinted AND NOT e.clear_hint,
	       attempt = CASE e.attempts WHEN 0 THEN 0 WHEN 1 THEN v.attempt + 1 ELSE v.attempt END,
	       lapses  = CASE e.attempts WHEN 2 THEN v.lapses ELSE 0 END,

	       submission    = v.submission + CASE WHEN e.new_submission AND NOT `+cancels+` THEN 1 ELSE 0 END,
	       sends         = CASE WHEN e.unsend THEN 0 ELSE v.sends END,
	       submitted_at  = CASE WHEN NOT e.unsend THEN v.submitted_at END,
	       sent_at       = CASE WHEN NOT e.unsend THEN v.sent_at END,
	       refusals      = CASE WHEN e.new_submission THEN 0 WHEN e.refused THEN v.refusals + 1 ELSE v.refusals END,
	       refusal       = CASE WHEN NOT e.forget_refusal AND `+newState+` = 'submitting' THEN coalesce(e.store_refusal, v.refusal) END,
	       looking_since = CASE WHEN `+newState+` = 'submitting' THEN v.looking_since END,
	       last_answer   = CASE WHEN `+newState+` = 'submitting' THEN coalesce(nullif(e.last_answer, ''), v.last_answer) END,

	       heygen_id       = CASE WHEN e.heygen_id <> '' THEN e.heygen_id ELSE v.heygen_id END,
	       accepted_at     = CASE WHEN e.heygen_id <> '' THEN {now} ELSE v.accepted_at END,
	       render_deadline = CASE WHEN e.heygen_id <> '' THEN {now} + {span @render} ELSE v.render_deadline END,
	       render_dead     = (v.render_dead OR e.render_dead) AND NOT e.render_alive,
	       doubts          = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN 0 WHEN e.doubt = 1 THEN v.doubts + 1 ELSE v.doubts END,
	       doubted_since   = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN NULL WHEN e.doubt = 1 THEN coalesce(v.doubted_since, {now}) ELSE v.doubted_since END,

	       failure      = CASE WHEN `+newState+` = 'failed' THEN coalesce(e.failure, v.failure) END,
	       media_prefix = CASE WHEN e.media_prefix <> '' THEN e.media_prefix ELSE v.media_prefix END,
	       file         = coalesce(e.file, v.file),
	       completed_at = CASE WHEN `+newState+` = 'completed' THEN coalesce(v.completed_at, {now}) ELSE v.completed_at END,
	       timeline     = CASE WHEN `+newState+` = v.state THEN v.timeline ELSE {moved `+newState+`} END
	  FROM {records @ends AS e (
	       video uuid, run bigint, state text, "to" text, cancel_wins boolean, failure jsonb,
	       due bigint, due_on_hint boolean, next boolean, free_slot boolean, take_slot boolean, watch boolean,
	       render_dead boolean, render_alive boolean, doubt integer, attempts integer,
	       unsend boolean, refused boolean, new_submission boolean, store_refusal jsonb, forget_refusal boolean, last_answer text,
	       heygen_id text, clear_hint boolean, media_prefix text, file jsonb)}
	 WHERE v.id = e.video AND v.run = e.run AND v.state = e.state
	RETURNING id, {own}state, {own}run, claim`)

func scanEnded(row Row) (e store.Ended, err error) {
	var run, claim int64
	if err := row.Scan(&e.Video, &e.State, &run, &claim); err != nil {
		return e, err
	}
	if claim > run && !e.State.Final() {
		e.Next = &store.Claim{Video: e.Video, Claim: claim}
	}
	return e, nil
}

// measure has those measured, now, that have just completed for the first time.
var measure = statement("measure", `
	INSERT INTO video_analytics (video_id, due_at)
	SELECT id, {now} FROM videos WHERE {in id @ids} AND state = 'completed' AND completed_at = {now}
	    ON CONFLICT (video_id) DO UPDATE SET due_at = {now}, attempt = 0, counted = false`)

// endSteps are the steps that write outcomes, and have what completed measured.
func (p *Protocol) endSteps(ends []store.End, ended *[]store.Ended) []Step {
	ends = slices.SortedFunc(slices.Values(ends), func(a, b store.End) int { return byID(a.Video, b.Video) })
	steps := []Step{rows(end, Args{"ends": list{ends}, "redispatch": p.timing.Redispatch, "render": p.timing.RenderTimeout}, scanEnded, ended)}
	var completed []uuid.UUID
	for _, e := range ends {
		if e.To == store.Completed {
			completed = append(completed, e.Video)
		}
	}
	if len(completed) > 0 {
		steps = append(steps, Step{Statement: measure, Args: Args{"ids": completed}})
	}
	return steps
}

// End writes outcomes; those whose fence matches no row do not come back. Such as
// close nothing go in one round trip; some of them may open the gate.
func (p *Protocol) End(ctx context.Context, ends []store.End) (ended []store.Ended, err error) {
	switch {
	case len(ends) == 0:
		return nil, nil
	case slices.ContainsFunc(ends, func(e store.End) bool { return e.Refusal != nil || e.Pause != nil }):
		err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
			ended = nil
			return p.endAtGate(ctx, do, ends, &ended)
		})
	default:
		steps := p.endSteps(ends, &ended)
		taken, rendered := proofs(ends)
		if len(taken) > 0 {
			steps = append(steps, Step{Statement: forgetStreak})
		}
		err = p.db.Write(ctx, append(steps, openByProof(taken, rendered)...)...)
	}
	return ended, p.explain(err, "end runs")
}

// endAtGate writes outcomes among which are refusals and pauses, together with
// what they do to the gate. Its lock comes first: see shut.
func (p *Protocol) endAtGate(ctx context.Context, do Do, ends []store.End, ended *[]store.Ended) error {
	if err := do(ctx, Step{Statement: lockAdmission}); err != nil {
		return err
	}
	judged, closes, err := judge(ctx, do, ends)
	if err != nil || len(judged) == 0 {
		return err
	}
	taken, rendered := proofs(ends)
	if err := do(ctx, append(p.endSteps(judged, ended), openByProof(taken, rendered)...)...); err != nil {
		return err
	}
	if closes != nil {
		if err := do(ctx, stop(*closes, videosOf(ends))...); err != nil {
			return err
		}
	}
	if pause := store.PauseOf(judged, *ended); pause != nil {
		return do(ctx, pauseFor(*pause)...)
	}
	return nil
}

var (
	fenced = statement("lock videos", `
		SELECT v.id FROM `+pairs+` JOIN videos v ON v.id = c.video WHERE v.run = c.number ORDER BY v.id {lock OF v}`)
	readStreak = statement("read admission", `SELECT streak FROM admission {lock}`)
	keepStreak = statement("keep refusals", `UPDATE admission SET streak = @streak`)
)

// judge has the gate's memory judge those outcomes whose fence still matches.
// The rows stay locked, so that what is judged is what is written.
func judge(ctx context.Context, do Do, ends []store.End) ([]store.End, *store.Refusal, error) {
	if !slices.ContainsFunc(ends, func(e store.End) bool { return e.Refusal != nil }) {
		return ends, nil, nil
	}
	found, err := collect(ctx, do, fenced, Args{"pairs": pairsOf(ends, func(e store.End) pair { return pair{e.Video, e.Run} })}, scanID)
	if err != nil {
		return nil, nil, err
	}
	ends = slices.DeleteFunc(slices.Clone(ends), func(e store.End) bool { return !slices.Contains(found, e.Video) })
	var memory store.Streak
	if _, err := collect(ctx, do, readStreak, nil, func(row Row) (_ struct{}, err error) { return struct{}{}, row.Scan(asJSON(&memory)) }); err != nil {
		return nil, nil, err
	}
	judged, closes := memory.Judge(ends)
	return judged, closes, do(ctx, Step{Statement: keepStreak, Args: Args{"streak": asArg(memory)}})
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
