package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"heyq/store"
)

// CreateVideos inserts all of them or none. Under an idempotency key it takes
// the key first, and answers a key that was used before.
func (s *Store) CreateVideos(ctx context.Context, c store.Creation) (store.Created, error) {
	var created store.Created
	err := s.write(ctx, func(tx *sql.Tx) error {
		if c.Once == nil {
			return s.insert(ctx, tx, c.Videos, &created)
		}
		free, err := tx.ExecContext(ctx, `
			INSERT INTO idempotency_keys (user_id, key, sum, answer, created_at) VALUES (:user, :key, :sum, x'', :now)
			    ON CONFLICT DO NOTHING`, once(*c.Once, s.now(), sql.Named("sum", c.Once.Sum[:]))...)
		if err != nil {
			return err
		}
		if n, err := free.RowsAffected(); err != nil || n == 0 {
			return replay(ctx, tx, *c.Once, &created)
		}
		if err := s.insert(ctx, tx, c.Videos, &created); err != nil {
			return err
		}
		if created.Answer, err = c.Once.Answer(created.Videos); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE idempotency_keys SET answer = :answer WHERE user_id = :user AND key = :key`,
			once(*c.Once, sql.Named("answer", created.Answer))...)
		return err
	})
	if err != nil {
		return store.Created{}, explain(err, "create videos")
	}
	return created, nil
}

// once names a key for a statement, beside its other arguments.
func once(o store.Once, more ...any) []any {
	return append(more, sql.Named("user", o.UserID), sql.Named("key", o.Key))
}

func (s *Store) insert(ctx context.Context, tx *sql.Tx, videos []store.NewVideo, created *store.Created) error {
	now := s.clock()
	statement, err := tx.PrepareContext(ctx, `
		INSERT INTO videos AS v (id, user_id, title, description, priority, not_before, due_at, metadata, notify_url, request, created_at, timeline, traceparent, request_id)
		VALUES (:id, :user, :title, :description, :priority, :not_before, :not_before, :metadata, :notify_url, :request, :now,
		       json_array(json_object('state', 'queued', 'at', :now)), nullif(:traceparent, ''), nullif(:request_id, ''))
		RETURNING `+videoColumns)
	if err != nil {
		return err
	}
	defer statement.Close()
	for _, v := range videos {
		metadata := v.Metadata
		if metadata == nil {
			metadata = map[string]string{}
		}
		encoded, err := json.Marshal(metadata)
		if err != nil {
			return fmt.Errorf("encode metadata: %w", err)
		}
		row := statement.QueryRowContext(ctx,
			sql.Named("id", v.ID), sql.Named("user", v.UserID), sql.Named("title", v.Title), sql.Named("description", v.Description),
			sql.Named("priority", v.Priority), sql.Named("not_before", micros(later(v.NotBefore, now))),
			sql.Named("metadata", string(encoded)), sql.Named("notify_url", v.NotifyURL), sql.Named("request", string(v.Request)), sql.Named("now", micros(now)),
			sql.Named("traceparent", v.Origin.Trace), sql.Named("request_id", v.Origin.Request))
		video, err := scanVideo(row)
		if err != nil {
			return err
		}
		created.Videos = append(created.Videos, video)
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// replay answers a key that was used before.
func replay(ctx context.Context, tx *sql.Tx, o store.Once, created *store.Created) error {
	var sum, answer []byte
	err := tx.QueryRowContext(ctx, `SELECT sum, answer FROM idempotency_keys WHERE user_id = :user AND key = :key`, once(o)...).Scan(&sum, &answer)
	if err != nil {
		return err
	}
	if string(sum) != string(o.Sum[:]) {
		return store.ErrKeyReused(o.Key)
	}
	created.Answer, created.Replayed = answer, true
	return nil
}

// ForgetKeys drops idempotency keys older than age.
func (s *Store) ForgetKeys(ctx context.Context, age time.Duration) (int, error) {
	n, err := s.exec(ctx, `DELETE FROM idempotency_keys WHERE created_at < :now - :age`, interval("age", age))
	return n, explain(err, "forget idempotency keys")
}
