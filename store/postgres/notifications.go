package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// ClaimNotifications takes up to n notifications that are due.
func (s *Store) ClaimNotifications(ctx context.Context, n int) ([]store.NotificationClaim, error) {
	claims, err := collect(ctx, s, pgx.RowToStructByPos[store.NotificationClaim], `
		UPDATE notifications
		   SET claim = claim + 1, due_at = now() + $2 * interval '1 s'
		 WHERE id = ANY (ARRAY(
		       SELECT id FROM notifications WHERE due_at <= now()
		        ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED))
		RETURNING id, claim`, n, seconds(s.timing.Redispatch))
	return claims, explain(err, "claim notifications")
}

// BeginNotifications takes the fence for those claims that may still begin.
func (s *Store) BeginNotifications(ctx context.Context, claims []store.NotificationClaim) ([]store.Delivery, error) {
	ids, numbers := make([]uuid.UUID, len(claims)), make([]int64, len(claims))
	for i, c := range slices.SortedFunc(slices.Values(claims), byNotification) {
		ids[i], numbers[i] = c.Notification, c.Claim
	}
	deliveries, err := collect(ctx, s, scanDelivery, `
		UPDATE notifications n
		   SET run = c.claim, due_at = now() + $3 * interval '1 s'
		  FROM unnest($1::uuid[], $2::bigint[]) AS c (id, claim), videos v
		 WHERE n.id = c.id AND n.claim = c.claim AND n.run < c.claim AND n.due_at IS NOT NULL AND v.id = n.video_id
		RETURNING n.id, n.run, n.event, n.url, n.created_at, n.attempt, now(),
		       v.id, substr(n.event, 7), v.title, v.metadata, n.failure, n.file, v.created_at`,
		ids, numbers, seconds(store.DeliveryLease))
	return deliveries, explain(err, "begin notifications")
}

func byNotification(a, b store.NotificationClaim) int {
	return bytes.Compare(a.Notification[:], b.Notification[:])
}

func scanDelivery(row pgx.CollectableRow) (d store.Delivery, err error) {
	err = row.Scan(&d.ID, &d.Run, &d.Event, &d.URL, asTime(&d.At), &d.Attempt, asTime(&d.BegunAt),
		&d.VideoID, &d.State, &d.Title, &d.Metadata, &d.Failure, &d.File, asTime(&d.VideoCreatedAt))
	return d, err
}

// tooLate is true where the next try would come after the last moment.
const tooLate = `(e.try IS NOT NULL AND now() + e.wait / 1e9 * interval '1 s' > n.expires_at)`

// EndNotifications writes outcomes; those whose fence matches no row do not
// come back.
func (s *Store) EndNotifications(ctx context.Context, ends []store.DeliveryEnd) ([]uuid.UUID, error) {
	if len(ends) == 0 {
		return nil, nil
	}
	ends = slices.SortedFunc(slices.Values(ends), func(a, b store.DeliveryEnd) int { return byID(a.ID, b.ID) })
	records, err := json.Marshal(ends)
	if err != nil {
		return nil, fmt.Errorf("encode outcomes: %w", err)
	}
	ended, err := collect(ctx, s, pgx.RowTo[uuid.UUID], `
		UPDATE notifications n
		   SET run = n.claim + 1, claim = n.claim + 1,
		       state    = CASE WHEN e."to" = 'pending' AND `+tooLate+` THEN 'failed' ELSE e."to" END,
		       due_at   = CASE WHEN e."to" = 'pending' AND NOT `+tooLate+` THEN now() + e.wait / 1e9 * interval '1 s' END,
		       ended_at = CASE WHEN e."to" <> 'pending' OR `+tooLate+` THEN now() END,
		       attempt  = n.attempt + (e.try IS NOT NULL)::integer,
		       tries    = CASE WHEN e.try IS NULL THEN n.tries
		                       ELSE CASE WHEN jsonb_array_length(n.tries) >= $2 THEN n.tries - 0 ELSE n.tries END
		                            || jsonb_build_array(e.try || jsonb_build_object('at', now())) END
		  FROM json_to_recordset($1) AS e (id uuid, run bigint, "to" text, wait float8, try jsonb)
		 WHERE n.id = e.id AND n.run = e.run AND n.due_at IS NOT NULL
		RETURNING n.id`, records, store.MostTries)
	return ended, explain(err, "end notifications")
}

// notificationColumns are what scanNotification reads.
const notificationColumns = `id, video_id, event, url, state, attempt, tries, created_at, due_at, expires_at`

func scanNotification(row pgx.CollectableRow) (n store.Notification, err error) {
	err = row.Scan(&n.ID, &n.VideoID, &n.Event, &n.URL, &n.State, &n.Attempt, &n.Tries,
		asTime(&n.CreatedAt), asTime(&n.DueAt), asTime(&n.ExpiresAt))
	for i := range n.Tries {
		n.Tries[i].At = n.Tries[i].At.UTC()
	}
	return n, err
}

// Notification returns one notification.
func (s *Store) Notification(ctx context.Context, id uuid.UUID) (store.Notification, error) {
	list, err := collect(ctx, s, scanNotification, `SELECT `+notificationColumns+` FROM notifications WHERE id = $1`, id)
	if err != nil {
		return store.Notification{}, explain(err, "read a notification")
	}
	if len(list) == 0 {
		return store.Notification{}, store.ErrNoNotification(id)
	}
	return list[0], nil
}

// Notifications lists those of a video, oldest first.
func (s *Store) Notifications(ctx context.Context, video uuid.UUID) ([]store.Notification, error) {
	list, err := collect(ctx, s, scanNotification,
		`SELECT `+notificationColumns+` FROM notifications WHERE video_id = $1 ORDER BY created_at, id`, video)
	return list, explain(err, "list notifications")
}

// Redeliver makes notifications due now. Whoever delivers one of them at this
// moment writes nothing any more: it is delivered again.
func (s *Store) Redeliver(ctx context.Context, r store.Redelivery) (int, error) {
	const again = `
		UPDATE notifications
		   SET state = 'pending', due_at = now(), ended_at = NULL, attempt = 0,
		       expires_at = now() + $1 * interval '1 s', run = claim + 1, claim = claim + 1
		 WHERE `
	const which = ` AND (NOT $2 OR state = 'failed')
		   AND ($3::float8 = 0 OR ended_at >= now() - $3 * interval '1 s')`
	life := seconds(store.NotificationLife)
	var n int
	var err error
	switch {
	case r.ID != uuid.Nil:
		n, err = s.exec(ctx, again+`id = $2`, life, r.ID)
	case r.Video != uuid.Nil:
		n, err = s.exec(ctx, again+`video_id = $4`+which, life, r.Failed, seconds(r.Within), r.Video)
	default:
		n, err = s.exec(ctx, again+`ended_at IS NOT NULL`+which, life, r.Failed, seconds(r.Within))
	}
	return n, explain(err, "redeliver notifications")
}
