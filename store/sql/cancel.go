package sql

import (
	"context"
	"maps"

	"github.com/google/uuid"

	"heyq/store"
)

// What a cancel changes of a video, and of one whose create is under way.
const (
	endNow = `
		state = 'cancelled', run = claim + 1, claim = claim + 1, lease_until = NULL,
		slot = slot AND state = 'rendering',
		due_at = CASE WHEN slot AND state = 'rendering' THEN {now} END,
		timeline = {moved 'cancelled'}`
	askToEnd = `cancel_requested = true`
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

// set makes a statement that changes one video, and returns it as it is then.
func set(name, columns string) *Statement {
	return statement(name, `UPDATE videos SET `+columns+` WHERE id = @id RETURNING `+videoColumns)
}

var (
	cancelVideo  = set("cancel", endNow)
	askVideo     = set("ask to cancel", askToEnd)
	resumeVideo  = set("resume", goOn)
	resubmit     = set("submit anew", submitAnew)
	refetchVideo = set("refetch", fetchAgain)
	lockVideo    = statement("lock a video", `SELECT `+videoColumns+` FROM videos WHERE id = @id {lock}`)
)

// decide has a video changed after a look at it. decide says by which statement, and
// with which values; every other writer is kept off the row meanwhile.
func (p *Protocol) decide(ctx context.Context, doing string, id uuid.UUID, decide func(v store.Video) (*Statement, Args, error)) (v store.Video, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if v, err = lock(ctx, do, id); err != nil {
			return err
		}
		how, args, err := decide(v)
		if err != nil {
			return err
		}
		v, err = change(ctx, do, id, how, args)
		return err
	})
	return v, p.explain(err, doing)
}

// lock reads a video and keeps every other writer off its row until the
// transaction ends.
func lock(ctx context.Context, do Do, id uuid.UUID) (store.Video, error) {
	list, err := collect(ctx, do, lockVideo, Args{"id": id}, scanVideo)
	if err != nil {
		return store.Video{}, err
	}
	if len(list) == 0 {
		return store.Video{}, store.ErrNotFound(id)
	}
	return list[0], nil
}

// change updates a locked row and returns it as it is now.
func change(ctx context.Context, do Do, id uuid.UUID, how *Statement, args Args) (store.Video, error) {
	all := Args{"id": id}
	maps.Copy(all, args)
	list, err := collect(ctx, do, how, all, scanVideo)
	if err != nil {
		return store.Video{}, err
	}
	return list[0], nil
}

// Cancel ends a video. One that is being submitted is only asked to: the
// answer to its create is needed, or a paid render would be forgotten. One
// that renders keeps its slot and is watched until HeyGen lets go of it.
func (p *Protocol) Cancel(ctx context.Context, id uuid.UUID) (v store.Video, was store.State, err error) {
	v, err = p.decide(ctx, "cancel a video", id, func(v store.Video) (*Statement, Args, error) {
		was = v.State
		switch was {
		case store.Queued, store.Rendering, store.Downloading:
			return cancelVideo, nil, nil
		case store.Submitting:
			return askVideo, nil, nil
		}
		return nil, nil, store.ErrEnded(id, was)
	})
	return v, was, err
}

// Retry makes a failed or cancelled video run again.
func (p *Protocol) Retry(ctx context.Context, id uuid.UUID, r store.Retry) (store.Video, error) {
	return p.decide(ctx, "retry a video", id, func(v store.Video) (*Statement, Args, error) {
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
func (p *Protocol) Refetch(ctx context.Context, id uuid.UUID, prefix string) (store.Video, error) {
	return p.decide(ctx, "fetch a file again", id, func(v store.Video) (*Statement, Args, error) {
		return refetchVideo, nil, store.Refetchable(v, prefix)
	})
}

var (
	lockOpen = statement("lock videos", `
		SELECT id, state FROM videos
		 WHERE {in id @ids} AND state IN ('queued', 'submitting', 'rendering', 'downloading') ORDER BY id {lock}`)
	cancelAll = statement("cancel", `UPDATE videos SET `+endNow+` WHERE {in id @ids}`)
	askAll    = statement("ask to cancel", `UPDATE videos SET `+askToEnd+` WHERE {in id @ids}`)
)

// CancelAll ends videos and writes it down, by four statements whatever their number.
func (p *Protocol) CancelAll(ctx context.Context, ids []uuid.UUID, by store.Actor) (stopped []store.CancelledVideo, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		stopped, err = collect(ctx, do, lockOpen, Args{"ids": ids}, func(row Row) (v store.CancelledVideo, err error) { return v, row.Scan(&v.ID, &v.Was) })
		if err != nil || len(stopped) == 0 {
			return err
		}
		var end, ask []uuid.UUID
		actions := make([]store.Action, len(stopped))
		for i, v := range stopped {
			actions[i] = store.Action{By: by, Verb: store.CancelJob, Job: v.ID.String(), Video: v.ID, Outcome: v.Outcome()}
			if v.Was == store.Submitting {
				ask = append(ask, v.ID)
			} else {
				end = append(end, v.ID)
			}
		}
		return do(ctx, Step{Statement: cancelAll, Args: Args{"ids": end}}, Step{Statement: askAll, Args: Args{"ids": ask}}, record(actions))
	})
	return stopped, p.explain(err, "cancel videos")
}
