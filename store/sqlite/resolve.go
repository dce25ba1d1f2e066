package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"heyq/store"
)

// Resolve ends a review. A render that is adopted holds a slot, whether or not
// one is free: HeyGen may be at it.
func (s *Store) Resolve(ctx context.Context, id uuid.UUID, r store.Resolution) (v store.Video, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if v, err = videoIn(ctx, tx, id); err != nil {
			return err
		}
		if err := store.UnderReview(v, r.Verdict); err != nil {
			return err
		}
		switch r.Verdict {
		case store.Adopt:
			v, err = s.adopt(ctx, tx, id, r.HeyGenID)
		case store.Resubmit:
			v, err = s.set(ctx, tx, id, submitAnew)
		case store.Accept:
			v, err = s.set(ctx, tx, id, accepted)
			if err == nil {
				err = s.measure(ctx, tx, id)
			}
		case store.Reject:
			v, err = s.fail(ctx, tx, v, store.RejectedAfter(v.Failure), `, render_dead = 1, media_prefix = NULL, file = NULL`)
		default:
			v, err = s.fail(ctx, tx, v, store.GivenUpAfter(v.Failure), ``)
		}
		return err
	})
	return v, explain(err, "resolve a review")
}

// accepted is what makes a video completed whose file is kept.
const accepted = `
	state = 'completed', failure = NULL, completed_at = coalesce(completed_at, :now),
	timeline = json_insert(timeline, '$[#]', json_object('state', 'completed', 'at', :now))`

// whoseRender finds another video that has a render. Both of its parts are answered by
// an index: those at work, and all others.
const whoseRender = `
	SELECT id FROM videos WHERE ` + open + ` AND heygen_id = :heygen AND id <> :id
	 UNION ALL
	SELECT id FROM videos WHERE heygen_id IS NOT NULL AND ` + ended + ` AND heygen_id = :heygen AND id <> :id
	 LIMIT 1`

func (s *Store) adopt(ctx context.Context, tx *sql.Tx, id uuid.UUID, heygenID string) (store.Video, error) {
	var other uuid.UUID
	switch err := tx.QueryRowContext(ctx, whoseRender,
		sql.Named("heygen", heygenID), sql.Named("id", id)).Scan(&other); {
	case err == nil:
		return store.Video{}, store.ErrAdopted(heygenID, other)
	case !errors.Is(err, sql.ErrNoRows):
		return store.Video{}, err
	}
	return s.set(ctx, tx, id, runAgain+`
		state = 'rendering', slot = 1, heygen_id = :heygen, accepted_at = :now,
		render_deadline = :now + :render, render_dead = 0,
		refusal = NULL, looking_since = NULL,
		timeline = json_insert(timeline, '$[#]', json_object('state', 'rendering', 'at', :now))`,
		sql.Named("heygen", heygenID), interval("render", s.timing.RenderTimeout))
}

// fail changes why a failed video has failed, and what more is said.
func (s *Store) fail(ctx context.Context, tx *sql.Tx, v store.Video, f *store.Failure, more string) (store.Video, error) {
	failure, err := json.Marshal(f)
	if err != nil {
		return v, fmt.Errorf("encode the failure: %w", err)
	}
	return s.set(ctx, tx, v.ID, `failure = :failure`+more, sql.Named("failure", string(failure)))
}
