package sql

import (
	"context"

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

var (
	cancelVideo = set("cancel", endNow)
	askVideo    = set("ask to cancel", askToEnd)
)

// Cancel ends a video. One that is being submitted is only asked to: the
// answer to its create is needed, or a paid render would be forgotten. One
// that renders keeps its slot and is watched until HeyGen lets go of it.
func (p *Protocol) Cancel(ctx context.Context, w store.Viewer, id uuid.UUID) (v store.Video, was store.State, err error) {
	v, err = p.decide(ctx, "cancel a video", w, id, func(v store.Video) (*Statement, Args, error) {
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
