package sql

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"heyq/store"
)

var deleteVideo = statement("delete a video", `DELETE FROM videos WHERE id = @id AND NOT slot`)

// DeleteVideo forgets a video. What hangs on its row goes with it; what it cost
// stays in the totals.
func (p *Protocol) DeleteVideo(ctx context.Context, id uuid.UUID, by store.Actor) (prefix string, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		v, err := lock(ctx, do, store.Everyone(), id)
		switch {
		case err != nil:
			return err
		case !v.State.Final():
			return store.ErrOpen(id, v.State)
		}
		if _, err := rollup(ctx, do, countOne, Args{"id": id}); err != nil {
			return err
		}
		n, err := exec(ctx, do, deleteVideo, Args{"id": id})
		switch {
		case err != nil:
			return err
		case n == 0:
			return store.ErrHoldsSlot(id, v.State)
		}
		prefix = v.MediaPrefix
		return do(ctx, record([]store.Action{{By: by, Verb: store.DeleteJob, Job: id.String(), Video: id, Outcome: store.DeleteOutcome(v)}}))
	})
	return prefix, p.explain(err, "delete a video")
}

var deletes = map[store.JobKind]*Statement{
	store.AnalysisJob: statement("delete analyses", `
		DELETE FROM video_analytics WHERE {in video_id @ids} AND failed_at IS NOT NULL
		RETURNING video_id, 'analysis:' || video_id, video_id`),
	store.NotificationJob: statement("delete notifications", `
		DELETE FROM notifications WHERE {in id @ids} AND state = 'failed'
		RETURNING id, 'notification:' || id, video_id`),
}

// DeleteFailed forgets analyses or notifications that were given up.
func (p *Protocol) DeleteFailed(ctx context.Context, kind store.JobKind, ids []uuid.UUID, by store.Actor) (deleted []uuid.UUID, err error) {
	how, ok := deletes[kind]
	if !ok {
		return nil, fmt.Errorf("delete: there is no kind %q", kind)
	}
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		deleted = nil
		actions, err := collect(ctx, do, how, Args{"ids": ids}, func(row Row) (a store.Action, err error) {
			var id uuid.UUID
			err = row.Scan(&id, &a.Job, &a.Video)
			deleted = append(deleted, id)
			a.By, a.Verb, a.Outcome = by, store.DeleteJob, "deleted"
			return a, err
		})
		if err != nil {
			return err
		}
		return do(ctx, record(actions))
	})
	return deleted, p.explain(err, "delete jobs")
}
