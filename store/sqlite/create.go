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
			return s.insertOnce(ctx, tx, c.Videos, &created)
		}
		free, err := tx.ExecContext(ctx, `
			INSERT INTO idempotency_keys (user_id, key, sum, answer, created_at, expires_at) VALUES (:user, :key, :sum, x'', :now, :now + :life)
			    ON CONFLICT DO NOTHING`, once(*c.Once, s.now(), sql.Named("sum", c.Once.Sum[:]), interval("life", store.KeyLife))...)
		if err != nil {
			return err
		}
		if n, err := free.RowsAffected(); err != nil || n == 0 {
			return replay(ctx, tx, *c.Once, &created)
		}
		if err := s.insertOnce(ctx, tx, c.Videos, &created); err != nil {
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

// insertOnce inserts the videos whose keys are free, and those that have none. It
// sets a row for each video, in their order.
func (s *Store) insertOnce(ctx context.Context, tx *sql.Tx, videos []store.NewVideo, created *store.Created) error {
	owners, err := s.takeKeys(ctx, tx, videos)
	if err != nil {
		return err
	}
	rows, err := s.insert(ctx, tx, owners.Free(videos))
	if err != nil {
		return err
	}
	if earlier := owners.Earlier(videos); len(earlier) > 0 {
		ids, err := json.Marshal(earlier)
		if err != nil {
			return fmt.Errorf("encode ids: %w", err)
		}
		known, err := collect(ctx, tx, scanVideo, `
			SELECT `+videoColumns+` FROM videos WHERE id IN (SELECT value FROM json_each(:ids))`, sql.Named("ids", string(ids)))
		if err != nil {
			return err
		}
		rows = append(rows, known...)
	}
	created.Videos = owners.InOrder(videos, rows)
	return nil
}

// takeKeys takes the keys of videos and says whose each is now.
func (s *Store) takeKeys(ctx context.Context, tx *sql.Tx, videos []store.NewVideo) (store.KeyOwners, error) {
	keys := store.KeysOf(videos)
	if len(keys) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("encode keys: %w", err)
	}
	const asked = `(SELECT value ->> 'id' AS id, value ->> 'user_id' AS user_id, value ->> 'key' AS key, unhex(value ->> 'sum') AS sum FROM json_each(:keys))`
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO idempotency_keys (user_id, key, sum, answer, created_at, expires_at)
		SELECT user_id, key, sum, CAST(id AS BLOB), :now, :now + :life FROM `+asked+` WHERE true ORDER BY id
		    ON CONFLICT DO NOTHING`, sql.Named("keys", string(list)), s.now(), interval("life", store.VideoKeyLife)); err != nil {
		return nil, err
	}
	found, err := collect(ctx, tx, func(row scanner) (o store.KeyOwner, err error) {
		err = row.Scan(&o.Asked, &o.Key, &o.Same, &o.Owner)
		return o, err
	}, `
		SELECT n.id, k.key, k.sum = n.sum, CAST(k.answer AS TEXT)
		  FROM `+asked+` AS n JOIN idempotency_keys k ON k.user_id = n.user_id AND k.key = n.key`, sql.Named("keys", string(list)))
	if err != nil {
		return nil, err
	}
	return store.OwnersOf(found)
}

func (s *Store) insert(ctx context.Context, tx *sql.Tx, videos []store.NewVideo) (rows []store.Video, err error) {
	now := s.clock()
	statement, err := tx.PrepareContext(ctx, `
		INSERT INTO videos AS v (id, user_id, title, description, priority, not_before, due_at, metadata, notify_url, request, created_at, timeline, traceparent, request_id)
		VALUES (:id, :user, :title, :description, :priority, :not_before, :not_before, :metadata, :notify_url, :request, :now,
		       json_array(json_object('state', 'queued', 'at', :now)), nullif(:traceparent, ''), nullif(:request_id, ''))
		RETURNING `+videoColumns)
	if err != nil {
		return nil, err
	}
	defer statement.Close()
	for _, v := range videos {
		metadata := v.Metadata
		if metadata == nil {
			metadata = map[string]string{}
		}
		encoded, err := json.Marshal(metadata)
		if err != nil {
			return nil, fmt.Errorf("encode metadata: %w", err)
		}
		row := statement.QueryRowContext(ctx,
			sql.Named("id", v.ID), sql.Named("user", v.UserID), sql.Named("title", v.Title), sql.Named("description", v.Description),
			sql.Named("priority", v.Priority), sql.Named("not_before", micros(later(v.NotBefore, now))),
			sql.Named("metadata", string(encoded)), sql.Named("notify_url", v.NotifyURL), sql.Named("request", string(v.Request)), sql.Named("now", micros(now)),
			sql.Named("traceparent", v.Origin.Trace), sql.Named("request_id", v.Origin.Request))
		video, err := scanVideo(row)
		if err != nil {
			return nil, err
		}
		rows = append(rows, video)
	}
	return rows, nil
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

// ForgetKeys drops the idempotency keys whose life is over.
func (s *Store) ForgetKeys(ctx context.Context) (int, error) {
	n, err := s.exec(ctx, `DELETE FROM idempotency_keys WHERE expires_at < :now`)
	return n, explain(err, "forget idempotency keys")
}
