package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"heyq/store"
)

// ClaimNotifications takes up to n notifications that are due.
func (s *Store) ClaimNotifications(ctx context.Context, n int) ([]store.NotificationClaim, error) {
	claims, err := change(ctx, s, func(row scanner) (c store.NotificationClaim, err error) {
		return c, row.Scan(&c.Notification, &c.Claim)
	}, `
		UPDATE notifications
		   SET claim = claim + 1, due_at = :now + :redispatch
		 WHERE id IN (SELECT id FROM notifications WHERE due_at <= :now ORDER BY due_at LIMIT :n)
		RETURNING id, claim`, interval("redispatch", s.timing.Redispatch), sql.Named("n", n))
	return claims, explain(err, "claim notifications")
}

// BeginNotifications takes the fence for those claims that may still begin, and
// then reads what they tell: RETURNING knows one table only.
func (s *Store) BeginNotifications(ctx context.Context, claims []store.NotificationClaim) ([]store.Delivery, error) {
	encoded, err := json.Marshal(claims)
	if err != nil {
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	var deliveries []store.Delivery
	err = s.write(ctx, func(tx *sql.Tx) error {
		begun, err := collect(ctx, tx, scanID, `
			UPDATE notifications AS n
			   SET run = c.claim, due_at = :now + :lease
			  FROM `+pairs+` AS c
			 WHERE n.id = c.id AND n.claim = c.claim AND n.run < c.claim AND n.due_at IS NOT NULL
			RETURNING id`, s.now(), interval("lease", store.DeliveryLease), sql.Named("list", string(encoded)))
		if err != nil {
			return err
		}
		deliveries, err = collect(ctx, tx, scanDelivery, `
			SELECT n.id, n.run, n.event, n.url, n.created_at, n.attempt, :now,
			       v.id, substr(n.event, 7), v.title, v.metadata, n.failure, n.file, v.created_at
			  FROM notifications n JOIN videos v ON v.id = n.video_id
			 WHERE n.id IN (SELECT value FROM json_each(:ids))`, idList(begun), s.now())
		return err
	})
	return deliveries, explain(err, "begin notifications")
}

func scanDelivery(row scanner) (d store.Delivery, err error) {
	err = row.Scan(&d.ID, &d.Run, &d.Event, &d.URL, asTime(&d.At), &d.Attempt, asTime(&d.BegunAt),
		&d.VideoID, &d.State, &d.Title, asJSON(&d.Metadata), asJSON(&d.Failure), asJSON(&d.File), asTime(&d.VideoCreatedAt))
	return d, err
}

// tooLate is true where the next try would come after the last moment.
const tooLate = `(e.try IS NOT NULL AND :now + e.wait / 1000 > n.expires_at)`

// EndNotifications writes outcomes; those whose fence matches no row do not
// come back.
func (s *Store) EndNotifications(ctx context.Context, ends []store.DeliveryEnd) ([]uuid.UUID, error) {
	records, err := json.Marshal(ends)
	if err != nil {
		return nil, fmt.Errorf("encode outcomes: %w", err)
	}
	ended, err := change(ctx, s, scanID, `
		UPDATE notifications AS n
		   SET run = n.claim + 1, claim = n.claim + 1,
		       state    = CASE WHEN e."to" = 'pending' AND `+tooLate+` THEN 'failed' ELSE e."to" END,
		       due_at   = CASE WHEN e."to" = 'pending' AND NOT `+tooLate+` THEN :now + e.wait / 1000 END,
		       ended_at = CASE WHEN e."to" <> 'pending' OR `+tooLate+` THEN :now END,
		       attempt  = n.attempt + (e.try IS NOT NULL),
		       tries    = CASE WHEN e.try IS NULL THEN n.tries
		                       ELSE json_insert(CASE WHEN json_array_length(n.tries) >= :most THEN json_remove(n.tries, '$[0]') ELSE n.tries END,
		                            '$[#]', json_set(e.try, '$.at', strftime('%Y-%m-%dT%H:%M:%fZ', :now / 1e6, 'unixepoch'))) END
		  FROM (SELECT value ->> 'id' AS id, value ->> 'run' AS run, value ->> 'to' AS "to",
		               value ->> 'wait' AS wait, nullif(value -> 'try', 'null') AS try
		          FROM json_each(:ends)) AS e
		 WHERE n.id = e.id AND n.run = e.run AND n.due_at IS NOT NULL
		RETURNING id`, sql.Named("ends", string(records)), sql.Named("most", store.MostTries))
	return ended, explain(err, "end notifications")
}

// notificationColumns are what scanNotification reads.
const notificationColumns = `id, video_id, event, url, state, attempt, tries, created_at, due_at, expires_at`

func scanNotification(row scanner) (n store.Notification, err error) {
	err = row.Scan(&n.ID, &n.VideoID, &n.Event, &n.URL, &n.State, &n.Attempt, asJSON(&n.Tries),
		asTime(&n.CreatedAt), asTime(&n.DueAt), asTime(&n.ExpiresAt))
	return n, err
}

// Notification returns one notification.
func (s *Store) Notification(ctx context.Context, id uuid.UUID) (store.Notification, error) {
	list, err := collect(ctx, s.reader, scanNotification,
		`SELECT `+notificationColumns+` FROM notifications WHERE id = :id`, sql.Named("id", id))
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
	list, err := collect(ctx, s.reader, scanNotification,
		`SELECT `+notificationColumns+` FROM notifications WHERE video_id = :video ORDER BY created_at, id`, sql.Named("video", video))
	return list, explain(err, "list notifications")
}

// Redeliver makes notifications due now. Whoever delivers one of them at this
// moment writes nothing any more: it is delivered again.
func (s *Store) Redeliver(ctx context.Context, r store.Redelivery) (int, error) {
	const again = `
		UPDATE notifications
		   SET state = 'pending', due_at = :now, ended_at = NULL, attempt = 0,
		       expires_at = :now + :life, run = claim + 1, claim = claim + 1
		 WHERE `
	const which = ` AND (NOT :failed OR state = 'failed') AND (:within = 0 OR ended_at >= :now - :within)`
	args := []any{interval("life", store.NotificationLife)}
	filter := append(args, sql.Named("failed", r.Failed), interval("within", r.Within))
	var n int
	var err error
	switch {
	case r.ID != uuid.Nil:
		n, err = s.exec(ctx, again+`id = :id`, append(args, sql.Named("id", r.ID))...)
	case r.Video != uuid.Nil:
		n, err = s.exec(ctx, again+`video_id = :video`+which, append(filter, sql.Named("video", r.Video))...)
	default:
		n, err = s.exec(ctx, again+`ended_at IS NOT NULL`+which, filter...)
	}
	return n, explain(err, "redeliver notifications")
}
