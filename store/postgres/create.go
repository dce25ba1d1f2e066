package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// newRow is a store.NewVideo as the insert reads it.
type newRow struct {
	ID          string            `json:"id"`
	UserID      string            `json:"user_id"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Priority    int               `json:"priority"`
	NotBefore   *time.Time        `json:"not_before"`
	Metadata    map[string]string `json:"metadata"`
	NotifyURL   string            `json:"notify_url"`
	Request     json.RawMessage   `json:"request"`
	Trace       string            `json:"traceparent,omitempty"`
	RequestID   string            `json:"request_id,omitempty"`
}

// CreateVideos inserts all of them or none. Under an idempotency key it takes
// the key first: whoever comes second with it waits for the first one's commit
// and then gets its answer.
func (s *Store) CreateVideos(ctx context.Context, c store.Creation) (store.Created, error) {
	var created store.Created
	committing := false
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		committing = false
		if created, err = create(ctx, tx, c); err == nil {
			committing = true
		}
		return err
	})
	if committing && away(err) {
		return store.Created{}, store.ErrPerhapsCreated(c, err)
	}
	return created, explain(err, "create videos")
}

func create(ctx context.Context, tx pgx.Tx, c store.Creation) (created store.Created, err error) {
	if c.Once == nil {
		created.Videos, err = insertOnce(ctx, tx, c.Videos)
		return created, err
	}
	free, err := tx.Exec(ctx, `
		INSERT INTO idempotency_keys (user_id, key, sum, answer, expires_at) VALUES ($1, $2, $3, '', now() + $4 * interval '1 s')
		    ON CONFLICT DO NOTHING`, c.Once.UserID, c.Once.Key, c.Once.Sum[:], seconds(store.KeyLife))
	if err != nil {
		return created, err
	}
	if free.RowsAffected() == 0 {
		err = replay(ctx, tx, *c.Once, &created)
		return created, err
	}
	if created.Videos, err = insertOnce(ctx, tx, c.Videos); err != nil {
		return created, err
	}
	if created.Answer, err = c.Once.Answer(created.Videos); err != nil {
		return created, err
	}
	_, err = tx.Exec(ctx, `UPDATE idempotency_keys SET answer = $3 WHERE user_id = $1 AND key = $2`,
		c.Once.UserID, c.Once.Key, created.Answer)
	return created, err
}

// insertOnce inserts the videos whose keys are free, and those that have none. It
// returns a row for each video, in their order.
func insertOnce(ctx context.Context, tx pgx.Tx, videos []store.NewVideo) ([]store.Video, error) {
	owners, err := takeKeys(ctx, tx, videos)
	if err != nil {
		return nil, err
	}
	rows, err := insert(ctx, tx, owners.Free(videos))
	if err != nil {
		return nil, err
	}
	if earlier := owners.Earlier(videos); len(earlier) > 0 {
		there, err := tx.Query(ctx, `SELECT `+videoColumns+` FROM videos v WHERE id = ANY ($1)`, earlier)
		if err != nil {
			return nil, err
		}
		known, err := pgx.CollectRows(there, scanVideo)
		if err != nil {
			return nil, err
		}
		rows = append(rows, known...)
	}
	return owners.InOrder(videos, rows), nil
}

// takeKeys takes the keys of videos, always in one order, and says whose each is
// now. It waits for a transaction that has taken one and not ended.
func takeKeys(ctx context.Context, tx pgx.Tx, videos []store.NewVideo) (store.KeyOwners, error) {
	keys := store.KeysOf(videos)
	if len(keys) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("encode keys: %w", err)
	}
	const asked = `json_to_recordset($1) AS n (id uuid, user_id text, key text, sum text)`
	if _, err := tx.Exec(ctx, `
		INSERT INTO idempotency_keys (user_id, key, sum, answer, expires_at)
		SELECT user_id, key, decode(sum, 'hex'), convert_to(id::text, 'UTF8'), now() + $2 * interval '1 s'
		  FROM `+asked+` ORDER BY user_id, key, id
		    ON CONFLICT DO NOTHING`, list, seconds(store.VideoKeyLife)); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		SELECT n.id, k.key, k.sum = decode(n.sum, 'hex'), convert_from(k.answer, 'UTF8')::uuid
		  FROM `+asked+` JOIN idempotency_keys k ON k.user_id = n.user_id AND k.key = n.key`, list)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[store.KeyOwner])
	if err != nil {
		return nil, err
	}
	return store.OwnersOf(found)
}

func insert(ctx context.Context, tx pgx.Tx, videos []store.NewVideo) ([]store.Video, error) {
	if len(videos) == 0 {
		return nil, nil
	}
	list := make([]newRow, len(videos))
	for i, v := range videos {
		list[i] = newRow{v.ID.String(), v.UserID, v.Title, v.Description, v.Priority, nil, v.Metadata, v.NotifyURL, v.Request, v.Origin.Trace, v.Origin.Request}
		if list[i].Metadata == nil {
			list[i].Metadata = map[string]string{}
		}
		if !v.NotBefore.IsZero() {
			list[i].NotBefore = &v.NotBefore
		}
	}
	records, err := json.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("encode videos: %w", err)
	}
	rows, err := tx.Query(ctx, `
		INSERT INTO videos AS v (id, user_id, title, description, priority, not_before, due_at, metadata, notify_url, request, timeline, traceparent, request_id)
		SELECT id, user_id, title, description, priority,
		       greatest(not_before, now()), greatest(not_before, now()), metadata, notify_url, request,
		       jsonb_build_array(jsonb_build_object('state', 'queued', 'at', now())), traceparent, request_id
		  FROM json_to_recordset($1) AS n (id uuid, user_id text, title text, description text, priority smallint,
		       not_before timestamptz, metadata jsonb, notify_url text, request jsonb, traceparent text, request_id text)
		RETURNING `+videoColumns, records)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanVideo)
}

// replay answers a key that was used before. The other transaction has
// committed by now: its insert is what made ours wait.
func replay(ctx context.Context, tx pgx.Tx, once store.Once, created *store.Created) error {
	rows, err := tx.Query(ctx, `SELECT sum, answer FROM idempotency_keys WHERE user_id = $1 AND key = $2`, once.UserID, once.Key)
	if err != nil {
		return err
	}
	type remembered struct{ Sum, Answer []byte }
	first, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[remembered])
	if err != nil {
		return err
	}
	if string(first.Sum) != string(once.Sum[:]) {
		return store.ErrKeyReused(once.Key)
	}
	created.Answer, created.Replayed = first.Answer, true
	return nil
}

// ForgetKeys drops the idempotency keys whose life is over.
func (s *Store) ForgetKeys(ctx context.Context) (int, error) {
	n, err := s.exec(ctx, `DELETE FROM idempotency_keys WHERE expires_at < now()`)
	return n, explain(err, "forget idempotency keys")
}
