package sqlite

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"heyq/store"
)

// Cancel ends a video. One that is being submitted is only asked to: the
// answer to its create is needed, or a paid render would be forgotten. One
// that renders keeps its slot and is watched until HeyGen lets go of it.
func (s *Store) Cancel(ctx context.Context, id uuid.UUID) (v store.Video, was store.State, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		v, was, err = s.cancel(ctx, tx, id)
		return err
	})
	return v, was, explain(err, "cancel a video")
}

// CancelAll ends videos and writes it down, by four statements whatever their number.
func (s *Store) CancelAll(ctx context.Context, ids []uuid.UUID, by store.Actor) (stopped []store.CancelledVideo, err error) {
	const which = ` FROM videos WHERE id IN (SELECT value FROM json_each(:ids)) AND state IN ('queued', 'submitting', 'rendering', 'downloading')`
	err = s.write(ctx, func(tx *sql.Tx) error {
		stopped, err = collect(ctx, tx, func(row scanner) (v store.CancelledVideo, err error) {
			err = row.Scan(&v.ID, &v.Was)
			return v, err
		}, `SELECT id, state`+which, idList(ids))
		if err != nil {
			return err
		}
		for _, update := range []string{
			`UPDATE videos SET ` + askToEnd + ` WHERE id IN (SELECT id` + which + ` AND state = 'submitting')`,
			`UPDATE videos SET ` + end + ` WHERE id IN (SELECT id` + which + ` AND state <> 'submitting')`,
		} {
			if _, err := tx.ExecContext(ctx, update, idList(ids), s.now()); err != nil {
				return err
			}
		}
		actions := make([]store.Action, len(stopped))
		for i, v := range stopped {
			actions[i] = store.Action{By: by, Verb: store.CancelJob, Job: v.ID.String(), Video: v.ID, Outcome: v.Outcome()}
		}
		return s.record(ctx, tx, actions)
	})
	return stopped, explain(err, "cancel videos")
}

// end is what a cancel changes of a video, and askToEnd of one whose create is
// under way.
const (
	end = `
		state = 'cancelled', run = claim + 1, claim = claim + 1, lease_until = NULL,
		slot = slot AND state = 'rendering',
		due_at = CASE WHEN slot AND state = 'rendering' THEN :now END,
		timeline = json_insert(timeline, '$[#]', json_object('state', 'cancelled', 'at', :now))`
	askToEnd = `cancel_requested = 1`
)

func (s *Store) cancel(ctx context.Context, tx *sql.Tx, id uuid.UUID) (v store.Video, was store.State, err error) {
	if v, err = videoIn(ctx, tx, id); err != nil {
		return v, was, err
	}
	was = v.State
	switch was {
	case store.Queued, store.Rendering, store.Downloading:
		v, err = s.set(ctx, tx, id, end)
	case store.Submitting:
		v, err = s.set(ctx, tx, id, askToEnd)
	default:
		err = store.ErrEnded(id, was)
	}
	return v, was, err
}

// Retry makes a failed or cancelled video run again.
func (s *Store) Retry(ctx context.Context, id uuid.UUID, r store.Retry) (v store.Video, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		v, err = videoIn(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case v.State != store.Failed && v.State != store.Cancelled:
			return store.ErrNotEnded(id, v.State)
		case v.Resumable:
			v, err = s.set(ctx, tx, id, resume, interval("render", s.timing.RenderTimeout))
		case v.MayBeBilled && !r.NewRender:
			return store.ErrMayPayAgain(id)
		default:
			v, err = s.set(ctx, tx, id, submitAnew)
		}
		return err
	})
	return v, explain(err, "retry a video")
}

// Refetch has the file of a completed video fetched again.
func (s *Store) Refetch(ctx context.Context, id uuid.UUID, prefix string) (v store.Video, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if v, err = videoIn(ctx, tx, id); err != nil {
			return err
		}
		if err = store.Refetchable(v, prefix); err != nil {
			return err
		}
		v, err = s.set(ctx, tx, id, refetch)
		return err
	})
	return v, explain(err, "fetch a file again")
}

// runAgain is what a retry and a refetch change.
const runAgain = `
	run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = :now, attempt = 0, lapses = 0,
	cancel_requested = 0, hinted = 0, failure = NULL, doubts = 0, doubted_since = NULL,`

// resume is what going on with HeyGen's render changes.
const resume = runAgain + `
	state = 'rendering', render_deadline = :now + :render,
	timeline = json_insert(timeline, '$[#]', json_object('state', 'rendering', 'at', :now))`

// refetch is what fetching a lost file again changes. What the row says of the file
// stays until another takes its place.
const refetch = runAgain + `
	state = 'downloading',
	timeline = json_insert(timeline, '$[#]', json_object('state', 'downloading', 'at', :now))`

// submitAnew is what another submission changes: nothing of the one before is
// left.
const submitAnew = runAgain + `
	state = 'queued', slot = 0, submission = submission + 1, refusals = 0, sends = 0,
	submitted_at = NULL, sent_at = NULL, looking_since = NULL, refusal = NULL,
	heygen_id = NULL, accepted_at = NULL, render_deadline = NULL, render_dead = 0,
	heygen_deleted_at = NULL, completed_at = NULL,
	timeline = json_insert(timeline, '$[#]', json_object('state', 'queued', 'at', :now))`

// videoIn reads a video within the writer's transaction: nobody else writes.
func videoIn(ctx context.Context, tx *sql.Tx, id uuid.UUID) (store.Video, error) {
	list, err := collect(ctx, tx, scanVideo, `SELECT `+videoColumns+` FROM videos WHERE id = :id`, sql.Named("id", id))
	if err != nil {
		return store.Video{}, err
	}
	if len(list) == 0 {
		return store.Video{}, store.ErrNotFound(id)
	}
	return list[0], nil
}

// set updates a row and returns it as it is now.
func (s *Store) set(ctx context.Context, tx *sql.Tx, id uuid.UUID, columns string, args ...any) (store.Video, error) {
	row := tx.QueryRowContext(ctx, `UPDATE videos SET `+columns+` WHERE id = :id RETURNING `+videoColumns,
		append(args, s.now(), sql.Named("id", id))...)
	return scanVideo(row)
}
