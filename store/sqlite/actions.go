package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"heyq/store"
)

// DeleteVideo forgets a video. What hangs on its row goes with it; what it cost
// stays in the totals.
func (s *Store) DeleteVideo(ctx context.Context, id uuid.UUID, by store.Actor) (prefix string, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		v, err := videoIn(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !v.State.Final():
			return store.ErrOpen(id, v.State)
		}
		if _, err := rollup(ctx, tx, `AND video_id = :id`, sql.Named("id", id)); err != nil {
			return err
		}
		deleted, err := collect(ctx, tx, scanID, `DELETE FROM videos WHERE id = :id AND NOT slot RETURNING id`, sql.Named("id", id))
		switch {
		case err != nil:
			return err
		case len(deleted) == 0:
			return store.ErrHoldsSlot(id, v.State)
		}
		prefix = v.MediaPrefix
		return s.record(ctx, tx, []store.Action{{By: by, Verb: store.DeleteJob, Job: id.String(), Video: id, Outcome: store.DeleteOutcome(v)}})
	})
	return prefix, explain(err, "delete a video")
}

// DeleteFailed forgets analyses or notifications that were given up.
func (s *Store) DeleteFailed(ctx context.Context, kind store.JobKind, ids []uuid.UUID, by store.Actor) (deleted []uuid.UUID, err error) {
	statement, ok := deletes[kind]
	if !ok {
		return nil, fmt.Errorf("delete: there is no kind %q", kind)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		actions, err := collect(ctx, tx, func(row scanner) (a store.Action, err error) {
			var id uuid.UUID
			err = row.Scan(&id, &a.Job, &a.Video)
			deleted = append(deleted, id)
			a.By, a.Verb, a.Outcome = by, store.DeleteJob, "deleted"
			return a, err
		}, statement, idList(ids))
		if err != nil {
			return err
		}
		return s.record(ctx, tx, actions)
	})
	return deleted, explain(err, "delete jobs")
}

var deletes = map[store.JobKind]string{
	store.AnalysisJob: `
		DELETE FROM video_analytics WHERE video_id IN (SELECT value FROM json_each(:ids)) AND failed_at IS NOT NULL
		RETURNING video_id, 'analysis:' || video_id, video_id`,
	store.NotificationJob: `
		DELETE FROM notifications WHERE id IN (SELECT value FROM json_each(:ids)) AND state = 'failed'
		RETURNING id, 'notification:' || id, video_id`,
}

// RecordActions writes down what was done to jobs that are no rows.
func (s *Store) RecordActions(ctx context.Context, list []store.Action) error {
	err := s.write(ctx, func(tx *sql.Tx) error { return s.record(ctx, tx, list) })
	return explain(err, "record actions")
}

// record writes all of them by one statement: there may be a thousand.
func (s *Store) record(ctx context.Context, tx *sql.Tx, list []store.Action) error {
	if len(list) == 0 {
		return nil
	}
	encoded, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("encode actions: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO job_actions (at, who, request_id, action, job, video_id, outcome)
		SELECT :now, value ->> '$.By.Who', value ->> '$.By.RequestID', value ->> '$.Verb', value ->> '$.Job',
		       nullif(value ->> '$.Video', :nobody), value ->> '$.Outcome'
		  FROM json_each(:actions) ORDER BY key`,
		s.now(), sql.Named("actions", string(encoded)), sql.Named("nobody", uuid.Nil))
	return err
}

// Actions returns what was done to a job, newest first.
func (s *Store) Actions(ctx context.Context, job string, n int) ([]store.Action, error) {
	which := ``
	args := []any{sql.Named("n", n)}
	if job != "" {
		which, args = ` WHERE job = :job`, append(args, sql.Named("job", job))
	}
	list, err := collect(ctx, s.reader, func(row scanner) (a store.Action, err error) {
		var video uuid.NullUUID
		err = row.Scan(asTime(&a.At), &a.By.Who, &a.By.RequestID, &a.Verb, &a.Job, &video, &a.Outcome)
		a.Video = video.UUID
		return a, err
	}, `SELECT at, who, request_id, action, job, video_id, outcome FROM job_actions`+which+` ORDER BY id DESC LIMIT :n`, args...)
	return list, explain(err, "list actions")
}
