package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// Cancel ends a video. One that is being submitted is only asked to: the
// answer to its create is needed, or a paid render would be forgotten. One
// that renders keeps its slot and is watched until HeyGen lets go of it.
func (s *Store) Cancel(ctx context.Context, id uuid.UUID) (v store.Video, was store.State, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		v, was, err = cancel(ctx, tx, id)
		return err
	})
	return v, was, explain(err, "cancel a video")
}

// CancelAll ends videos and writes it down, by one statement whatever their number.
func (s *Store) CancelAll(ctx context.Context, ids []uuid.UUID, by store.Actor) ([]store.CancelledVideo, error) {
	stopped, err := collect(ctx, s, pgx.RowToStructByPos[store.CancelledVideo], `
		WITH picked AS MATERIALIZED (
		    SELECT id, state AS was FROM videos
		     WHERE id = ANY ($1) AND state IN ('queued', 'submitting', 'rendering', 'downloading')
		     ORDER BY id FOR UPDATE
		), ended AS (
		    UPDATE videos v SET `+end+` FROM picked p WHERE v.id = p.id AND was <> 'submitting' RETURNING v.id, was
		), asked AS (
		    UPDATE videos v SET `+askToEnd+` FROM picked p WHERE v.id = p.id AND was = 'submitting' RETURNING v.id, was
		), done AS (
		    SELECT * FROM ended UNION ALL SELECT * FROM asked
		), written AS (
		    INSERT INTO job_actions (who, request_id, action, job, video_id, outcome)
		    SELECT $2, $3, $4, id::text, id, CASE was WHEN 'submitting' THEN $5 ELSE $6 || was END FROM done ORDER BY done.id
		)
		SELECT id, was FROM done`, ids, by.Who, by.RequestID, store.CancelJob,
		store.CancelledVideo{Was: store.Submitting}.Outcome(), store.CancelledVideo{}.Outcome())
	return stopped, explain(err, "cancel videos")
}

// end is what a cancel changes of a video, and askToEnd of one whose create is
// under way.
const (
	end = `
		state = 'cancelled', run = claim + 1, claim = claim + 1, lease_until = NULL,
		slot = slot AND state = 'rendering',
		due_at = CASE WHEN slot AND state = 'rendering' THEN now() END,
		timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'cancelled', 'at', now()))`
	askToEnd = `cancel_requested = true`
)

func cancel(ctx context.Context, tx pgx.Tx, id uuid.UUID) (v store.Video, was store.State, err error) {
	if v, err = lockVideo(ctx, tx, id); err != nil {
		return v, was, err
	}
	was = v.State
	switch was {
	case store.Queued, store.Rendering, store.Downloading:
		v, err = change(ctx, tx, id, end)
	case store.Submitting:
		v, err = change(ctx, tx, id, askToEnd)
	default:
		err = store.ErrEnded(id, was)
	}
	return v, was, err
}

// Retry makes a failed or cancelled video run again.
func (s *Store) Retry(ctx context.Context, id uuid.UUID, r store.Retry) (v store.Video, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		v, err = lockVideo(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case v.State != store.Failed && v.State != store.Cancelled:
			return store.ErrNotEnded(id, v.State)
		case v.Resumable:
			v, err = change(ctx, tx, id, resume, seconds(s.timing.RenderTimeout))
		case v.MayBeBilled && !r.NewRender:
			return store.ErrMayPayAgain(id)
		default:
			v, err = change(ctx, tx, id, submitAnew)
		}
		return err
	})
	return v, explain(err, "retry a video")
}

// Refetch has the file of a completed video fetched again.
func (s *Store) Refetch(ctx context.Context, id uuid.UUID, prefix string) (v store.Video, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if v, err = lockVideo(ctx, tx, id); err != nil {
			return err
		}
		if err = store.Refetchable(v, prefix); err != nil {
			return err
		}
		v, err = change(ctx, tx, id, refetch)
		return err
	})
	return v, explain(err, "fetch a file again")
}

// runAgain is what a retry and a refetch change.
const runAgain = `
	run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = now(), attempt = 0, lapses = 0,
	cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,`

// resume is what going on with HeyGen's render changes. Its $2 is the time that
// the render may take from now on.
const resume = runAgain + `
	state = 'rendering', render_deadline = now() + $2 * interval '1 s',
	timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'rendering', 'at', now()))`

// refetch is what fetching a lost file again changes. What the row says of the file
// stays until another takes its place.
const refetch = runAgain + `
	state = 'downloading',
	timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'downloading', 'at', now()))`

// submitAnew is what another submission changes: nothing of the one before is
// left.
const submitAnew = runAgain + `
	state = 'queued', slot = false, submission = submission + 1, refusals = 0, sends = 0,
	submitted_at = NULL, sent_at = NULL, looking_since = NULL, refusal = NULL,
	heygen_id = NULL, accepted_at = NULL, render_deadline = NULL, render_dead = false,
	heygen_deleted_at = NULL, completed_at = NULL,
	timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'queued', 'at', now()))`

// lockVideo reads a video and keeps every other writer off its row until the
// transaction ends.
func lockVideo(ctx context.Context, tx pgx.Tx, id uuid.UUID) (store.Video, error) {
	rows, err := tx.Query(ctx, `SELECT `+videoColumns+` FROM videos v WHERE id = $1 FOR UPDATE`, id)
	if err != nil {
		return store.Video{}, err
	}
	list, err := pgx.CollectRows(rows, scanVideo)
	if err != nil {
		return store.Video{}, err
	}
	if len(list) == 0 {
		return store.Video{}, store.ErrNotFound(id)
	}
	return list[0], nil
}

// change updates a locked row and returns it as it is now.
func change(ctx context.Context, tx pgx.Tx, id uuid.UUID, set string, args ...any) (store.Video, error) {
	rows, err := tx.Query(ctx, `UPDATE videos v SET `+set+` WHERE id = $1 RETURNING `+videoColumns, append([]any{id}, args...)...)
	if err != nil {
		return store.Video{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanVideo)
}
