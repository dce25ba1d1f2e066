package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

var (
	adopt = set("adopt", runAgain+`
		state = 'rendering', slot = true, heygen_id = @heygen, accepted_at = {now},
		render_deadline = {now} + {span @render}, render_dead = false,
		refusal = NULL, looking_since = NULL, timeline = {moved 'rendering'}`)
	accept = set("accept", `
		state = 'completed', failure = NULL, completed_at = coalesce(completed_at, {now}), timeline = {moved 'completed'}`)
	reject = set("reject", `failure = @failure, render_dead = true, media_prefix = NULL, file = NULL`)
	giveUp = set("give up", `failure = @failure`)

	// measureAccepted is what follows from accept.
	measureAccepted = statement("measure", `
		INSERT INTO video_analytics (video_id, due_at) VALUES (@id, {now})
		    ON CONFLICT (video_id) DO UPDATE SET due_at = {now}, attempt = 0`)

	// lockAdoption has two reviews that adopt one render at once wait for each other.
	lockAdoption = statement("lock a render", `{pg SELECT pg_advisory_xact_lock(hashtextextended(@heygen, `+Lock("adoption")+`))}`)

	// whoseRender finds another video that has a render. Both of its parts are answered
	// by an index: those at work, and all others.
	whoseRender = statement("look whose a render is", `
		SELECT id FROM videos WHERE {active} AND heygen_id = @heygen AND id <> @id
		 UNION ALL
		SELECT id FROM videos WHERE heygen_id IS NOT NULL AND {inactive} AND heygen_id = @heygen AND id <> @id
		 LIMIT 1`)
)

// Resolve ends a review. A render that is adopted holds a slot, whether or not one is
// free: HeyGen may be rendering it.
func (p *Protocol) Resolve(ctx context.Context, w store.Viewer, id uuid.UUID, r store.Resolution) (v store.Video, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if v, err = lock(ctx, do, w, id); err != nil {
			return err
		}
		if err := store.UnderReview(v, r.Verdict); err != nil {
			return err
		}
		switch r.Verdict {
		case store.Adopt:
			v, err = p.adopt(ctx, do, id, r.HeyGenID)
		case store.Resubmit:
			v, err = change(ctx, do, id, resubmit, nil)
		case store.Accept:
			if v, err = change(ctx, do, id, accept, nil); err == nil {
				err = do(ctx, Step{Statement: measureAccepted, Args: Args{"id": id}})
			}
		case store.Reject:
			v, err = change(ctx, do, id, reject, Args{"failure": asArg(store.RejectedAfter(v.Failure))})
		default:
			v, err = change(ctx, do, id, giveUp, Args{"failure": asArg(store.GivenUpAfter(v.Failure))})
		}
		return err
	})
	return v, p.explain(err, "resolve a review")
}

func (p *Protocol) adopt(ctx context.Context, do Do, id uuid.UUID, heygenID string) (store.Video, error) {
	args := Args{"id": id, "heygen": heygenID, "render": p.timing.RenderTimeout}
	if err := do(ctx, Step{Statement: lockAdoption, Args: args}); err != nil {
		return store.Video{}, err
	}
	others, err := collect(ctx, do, whoseRender, args, scanID)
	if err != nil {
		return store.Video{}, err
	}
	if len(others) > 0 {
		return store.Video{}, store.ErrAdopted(heygenID, others[0])
	}
	return change(ctx, do, id, adopt, args)
}
