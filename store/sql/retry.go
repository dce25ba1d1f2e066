package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

// runAgain is what a retry and a refetch change.
const runAgain = `
	run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = {now}, attempt = 0, lapses = 0,
	cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,`

const (
	// goOn is what going on with HeyGen's render changes.
	goOn = runAgain + `
		state = 'rendering', render_deadline = {now} + {span @render}, timeline = {moved 'rendering'}`

	// fetchAgain is what fetching a lost file again changes. What the row says of the
	// file stays until another takes its place.
	fetchAgain = runAgain + `
		state = 'downloading', timeline = {moved 'downloading'}`

	// submitAnew is what another submission changes: nothing of the one before is left.
	submitAnew = runAgain + `
		state = 'queued', slot = false, submission = submission + 1, refusals = 0, sends = 0,
		submitted_at = NULL, sent_at = NULL, looking_since = NULL, refusal = NULL,
		heygen_id = NULL, accepted_at = NULL, render_deadline = NULL, render_dead = false,
		heygen_deleted_at = NULL, completed_at = NULL, timeline = {moved 'queued'}`
)

var (
	resumeVideo  = set("resume", goOn)
	resubmit     = set("submit anew", submitAnew)
	refetchVideo = set("refetch", fetchAgain)
)

// Retry makes a failed or cancelled video run again.
func (p *Protocol) Retry(ctx context.Context, w store.Viewer, id uuid.UUID, r store.Retry) (store.Video, error) {
	return p.decide(ctx, "retry a video", w, id, func(v store.Video) (*Statement, Args, error) {
		switch {
		case v.State != store.Failed && v.State != store.Cancelled:
			return nil, nil, store.ErrNotEnded(id, v.State)
		case v.Resumable:
			return resumeVideo, Args{"render": p.timing.RenderTimeout}, nil
		case v.MayBeBilled && !r.NewRender:
			return nil, nil, store.ErrMayPayAgain(id)
		}
		return resubmit, nil, nil
	})
}

// Refetch has the file of a completed video fetched again.
func (p *Protocol) Refetch(ctx context.Context, w store.Viewer, id uuid.UUID, prefix string) (store.Video, error) {
	return p.decide(ctx, "fetch a file again", w, id, func(v store.Video) (*Statement, Args, error) {
		return refetchVideo, nil, store.Refetchable(v, prefix)
	})
}
