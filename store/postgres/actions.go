package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// DeleteVideo forgets a video. What hangs on its row goes with it; what it cost
// stays in the totals.
func (s *Store) DeleteVideo(ctx context.Context, id uuid.UUID, by store.Actor) (prefix string, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		v, err := lockVideo(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !v.State.Final():
			return store.ErrOpen(id, v.State)
		}
		if _, err := tx.Exec(ctx, rollup(`AND video_id = $1`), id); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM videos WHERE id = $1 AND NOT slot`, id)
		switch {
		case err != nil:
			return err
		case tag.RowsAffected() == 0:
			return store.ErrHoldsSlot(id, v.State)
		}
		prefix = v.MediaPrefix
		return record(ctx, tx, []store.Action{{By: by, Verb: store.DeleteJob, Job: id.String(), Video: id, Outcome: store.DeleteOutcome(v)}})
	})
	return prefix, explain(err, "delete a video")
}

// DeleteFailed forgets analyses or notifications that were given up.
func (s *Store) DeleteFailed(ctx context.Context, kind store.JobKind, ids []uuid.UUID, by store.Actor) ([]uuid.UUID, error) {
	statement, ok := deletes[kind]
	if !ok {
		return nil, fmt.Errorf("delete: there is no kind %q", kind)
	}
	deleted, err := collect(ctx, s, pgx.RowTo[uuid.UUID], statement+`, written AS (
		    INSERT INTO job_actions (who, request_id, action, job, video_id, outcome)
		    SELECT $2, $3, 'delete', job, video_id, 'deleted' FROM gone
		)
		SELECT id FROM gone`, ids, by.Who, by.RequestID)
	return deleted, explain(err, "delete jobs")
}

var deletes = map[store.JobKind]string{
	store.AnalysisJob: `WITH gone AS (
		    DELETE FROM video_analytics WHERE video_id = ANY ($1) AND failed_at IS NOT NULL
		    RETURNING video_id AS id, 'analysis:' || video_id AS job, video_id
		)`,
	store.NotificationJob: `WITH gone AS (
		    DELETE FROM notifications WHERE id = ANY ($1) AND state = 'failed'
		    RETURNING id, 'notification:' || id AS job, video_id
		)`,
}

// RecordActions writes down what was done to jobs that are no rows.
func (s *Store) RecordActions(ctx context.Context, list []store.Action) error {
	err := s.do(ctx, func(ctx context.Context, db querier) error { return record(ctx, db, list) })
	return explain(err, "record actions")
}

func record(ctx context.Context, db querier, list []store.Action) error {
	batch := &pgx.Batch{}
	for _, a := range list {
		batch.Queue(`INSERT INTO job_actions (who, request_id, action, job, video_id, outcome) VALUES ($1, $2, $3, $4, $5, $6)`,
			a.By.Who, a.By.RequestID, a.Verb, a.Job, uuid.NullUUID{UUID: a.Video, Valid: a.Video != uuid.Nil}, a.Outcome)
	}
	return db.SendBatch(ctx, batch).Close()
}

// Actions returns what was done to a job, newest first.
func (s *Store) Actions(ctx context.Context, job string, n int) ([]store.Action, error) {
	const columns = `SELECT at, who, request_id, action, job, coalesce(video_id, '00000000-0000-0000-0000-000000000000'), outcome FROM job_actions`
	scan := func(row pgx.CollectableRow) (a store.Action, err error) {
		err = row.Scan(asTime(&a.At), &a.By.Who, &a.By.RequestID, &a.Verb, &a.Job, &a.Video, &a.Outcome)
		return a, err
	}
	if job == "" {
		list, err := collect(ctx, s, scan, columns+` ORDER BY id DESC LIMIT $1`, n)
		return list, explain(err, "list actions")
	}
	list, err := collect(ctx, s, scan, columns+` WHERE job = $2 ORDER BY id DESC LIMIT $1`, n, job)
	return list, explain(err, "list actions")
}
