package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// Resolve ends a review. A render that is adopted holds a slot, whether or not
// one is free: HeyGen may be at it.
func (s *Store) Resolve(ctx context.Context, id uuid.UUID, r store.Resolution) (v store.Video, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if v, err = lockVideo(ctx, tx, id); err != nil {
			return err
		}
		if err := store.UnderReview(v, r.Verdict); err != nil {
			return err
		}
		switch r.Verdict {
		case store.Adopt:
			v, err = s.adopt(ctx, tx, id, r.HeyGenID)
		case store.Resubmit:
			v, err = change(ctx, tx, id, submitAnew)
		case store.Accept:
			v, err = change(ctx, tx, id, accepted)
			if err == nil {
				_, err = tx.Exec(ctx, measureVideo, id)
			}
		case store.Reject:
			v, err = change(ctx, tx, id, `failure = $2, render_dead = true, media_prefix = NULL, file = NULL`, store.RejectedAfter(v.Failure))
		default:
			v, err = change(ctx, tx, id, `failure = $2`, store.GivenUpAfter(v.Failure))
		}
		return err
	})
	return v, explain(err, "resolve a review")
}

// accepted is what makes a video completed whose file is kept, and measureVideo
// what follows from it.
const (
	accepted = `
		state = 'completed', failure = NULL, completed_at = coalesce(completed_at, now()),
		timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'completed', 'at', now()))`
	measureVideo = `INSERT INTO video_analytics (video_id) VALUES ($1) ON CONFLICT (video_id) DO UPDATE SET due_at = now(), attempt = 0`
)

// whoseRender finds another video that has a render. Both of its parts are answered by
// an index: those at work, and all others.
const whoseRender = `
	SELECT id FROM videos WHERE active AND heygen_id = $1 AND id <> $2
	 UNION ALL
	SELECT id FROM videos WHERE heygen_id IS NOT NULL AND NOT active AND heygen_id = $1 AND id <> $2
	 LIMIT 1`

func (s *Store) adopt(ctx context.Context, tx pgx.Tx, id uuid.UUID, heygenID string) (store.Video, error) {
	// Two reviews that adopt one render at once wait for each other.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, `+ourLock("adoption")+`))`, heygenID); err != nil {
		return store.Video{}, err
	}
	rows, err := tx.Query(ctx, whoseRender, heygenID, id)
	if err != nil {
		return store.Video{}, err
	}
	others, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return store.Video{}, err
	}
	if len(others) > 0 {
		return store.Video{}, store.ErrAdopted(heygenID, others[0])
	}
	return change(ctx, tx, id, runAgain+`
		state = 'rendering', slot = true, heygen_id = $2, accepted_at = now(),
		render_deadline = now() + $3 * interval '1 s', render_dead = false,
		refusal = NULL, looking_since = NULL,
		timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'rendering', 'at', now()))`,
		heygenID, seconds(s.timing.RenderTimeout))
}
