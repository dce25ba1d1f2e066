package sql

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"heyq/store"
)

var claimNotifications = statement("claim notifications", `
	UPDATE notifications
	   SET claim = claim + 1, due_at = {now} + {span @redispatch}
	 WHERE id {pick}SELECT id FROM notifications WHERE due_at <= {now} ORDER BY due_at LIMIT @n {lock SKIP LOCKED}{picked}
	RETURNING id, claim`)

// ClaimNotifications takes up to n notifications that are due.
func (p *Protocol) ClaimNotifications(ctx context.Context, n int) ([]store.NotificationClaim, error) {
	claims, err := collect(ctx, p.db.Write, claimNotifications, Args{"n": n, "redispatch": p.timing.Redispatch}, func(row Row) (c store.NotificationClaim, err error) {
		return c, row.Scan(&c.Notification, &c.Claim)
	})
	return claims, p.explain(err, "claim notifications")
}

var (
	beginNotifications = statement("begin notifications", `
		UPDATE notifications AS n
		   SET run = c.number, due_at = {now} + {span @lease}
		  FROM `+pairs+`
		 WHERE n.id = c.video AND n.claim = c.number AND n.run < c.number AND n.due_at IS NOT NULL`)

	// begunNow reads what those tell that were begun by this very transaction.
	begunNow = statement("read notifications", `
		SELECT n.id, n.run, n.event, n.url, n.created_at, n.attempt, {now}, n.expires_at, v.user_id, coalesce(s.secret, ''), coalesce(CASE WHEN s.until > {now} THEN s.former END, ''),
		       v.id, substr(n.event, 7), v.title, v.metadata, n.failure, n.file, v.created_at, `+origin+`
		  FROM `+pairs+` JOIN notifications n ON n.id = c.video AND n.run = c.number JOIN videos v ON v.id = n.video_id
		       LEFT JOIN notify_secrets s ON s.user_id = v.user_id
		 WHERE n.due_at = {now} + {span @lease}`)
)

// BeginNotifications takes the fence for those claims that may still begin.
func (p *Protocol) BeginNotifications(ctx context.Context, claims []store.NotificationClaim) (deliveries []store.Delivery, err error) {
	args := Args{
		"pairs": pairsOf(claims, func(c store.NotificationClaim) pair { return pair{c.Notification, c.Claim} }),
		"lease": store.DeliveryLease,
	}
	err = p.db.Write(ctx, Step{Statement: beginNotifications, Args: args}, rows(begunNow, args, scanDelivery, &deliveries))
	return deliveries, p.explain(err, "begin notifications")
}

func scanDelivery(row Row) (d store.Delivery, err error) {
	var secret, former string
	err = row.Scan(&d.ID, &d.Run, &d.Event, &d.URL, asTime(&d.At), &d.Attempt, asTime(&d.BegunAt), asTime(&d.ExpiresAt), &d.UserID, &secret, &former,
		&d.VideoID, &d.State, &d.Title, asJSON(&d.Metadata), asJSON(&d.Failure), asJSON(&d.File), asTime(&d.VideoCreatedAt), &d.Origin.Trace, &d.Origin.Request)
	for _, s := range []string{secret, former} {
		if s != "" {
			d.Secrets = append(d.Secrets, s)
		}
	}
	return d, err
}

// tooLate is true if the next try would come after the last moment.
const tooLate = `(e.try IS NOT NULL AND {now} + {span e.wait / 1000} > n.expires_at)`

var endNotifications = statement("end notifications", `
	UPDATE notifications AS n
	   SET run = n.claim + 1, claim = n.claim + 1,
	       state    = CASE WHEN e."to" = 'pending' AND `+tooLate+` THEN 'failed' ELSE e."to" END,
	       due_at   = CASE WHEN e."to" = 'pending' AND NOT `+tooLate+` THEN {now} + {span e.wait / 1000} END,
	       ended_at = CASE WHEN e."to" <> 'pending' OR `+tooLate+` THEN {now} END,
	       attempt  = n.attempt + CASE WHEN e.try IS NULL THEN 0 ELSE 1 END,
	       tries    = CASE WHEN e.try IS NULL THEN n.tries ELSE {either
	                  CASE WHEN jsonb_array_length(n.tries) >= @most THEN n.tries - 0 ELSE n.tries END || jsonb_build_array(e.try || jsonb_build_object('at', now())) //
	                  json_insert(CASE WHEN json_array_length(n.tries) >= @most THEN json_remove(n.tries, '$[0]') ELSE n.tries END,
	                       '$[#]', json_set(e.try, '$.at', strftime('%Y-%m-%dT%H:%M:%fZ', {now} / 1e6, 'unixepoch')))} END
	  FROM {records @ends AS e (id uuid, run bigint, "to" text, wait bigint, try jsonb)}
	 WHERE n.id = e.id AND n.run = e.run AND n.due_at IS NOT NULL
	RETURNING {either n.id // id}`)

// EndNotifications writes outcomes; those whose fence matches no row do not
// come back.
func (p *Protocol) EndNotifications(ctx context.Context, ends []store.DeliveryEnd) ([]uuid.UUID, error) {
	if len(ends) == 0 {
		return nil, nil
	}
	ends = slices.SortedFunc(slices.Values(ends), func(a, b store.DeliveryEnd) int { return byID(a.ID, b.ID) })
	ended, err := collect(ctx, p.db.Write, endNotifications, Args{"ends": list{ends}, "most": store.MostTries}, scanID)
	return ended, p.explain(err, "end notifications")
}

// ofOwned is true of the notifications of a viewer's own videos.
const ofOwned = `(@all OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = @viewer))`

const notificationColumns = `SELECT id, video_id, event, url, state, attempt, tries, created_at, due_at, expires_at FROM notifications`

func scanNotification(row Row) (n store.Notification, err error) {
	err = row.Scan(&n.ID, &n.VideoID, &n.Event, &n.URL, &n.State, &n.Attempt, asJSON(&n.Tries),
		asTime(&n.CreatedAt), asTime(&n.DueAt), asTime(&n.ExpiresAt))
	for i := range n.Tries {
		n.Tries[i].At = n.Tries[i].At.UTC()
	}
	return n, err
}

var (
	oneNotification    = statement("read a notification", notificationColumns+` WHERE id = @id AND `+ofOwned)
	videoNotifications = statement("list notifications", notificationColumns+` WHERE video_id = @video AND `+ofOwned+` ORDER BY created_at, id`)
)

// Notification returns one notification.
func (p *Protocol) Notification(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Notification, error) {
	list, err := collect(ctx, p.db.Read, oneNotification, seenBy(w, Args{"id": id}), scanNotification)
	if err != nil {
		return store.Notification{}, p.explain(err, "read a notification")
	}
	if len(list) == 0 {
		return store.Notification{}, store.ErrNoNotification(id)
	}
	return list[0], nil
}

// Notifications lists those of a video, oldest first.
func (p *Protocol) Notifications(ctx context.Context, w store.Viewer, video uuid.UUID) ([]store.Notification, error) {
	list, err := collect(ctx, p.db.Read, videoNotifications, seenBy(w, Args{"video": video}), scanNotification)
	return list, p.explain(err, "list notifications")
}

const (
	deliverAgain = `
		UPDATE notifications
		   SET state = 'pending', due_at = {now}, ended_at = NULL, attempt = 0,
		       expires_at = {now} + {span @life}, run = claim + 1, claim = claim + 1`
	redelivered = ` AND ` + ofOwned + ` AND (NOT @failed OR state = 'failed') AND (CAST(@within AS bigint) = 0 OR ended_at >= {now} - {span @within})`
)

var (
	redeliverOne   = statement("redeliver", deliverAgain+` WHERE id = @id AND `+ofOwned)
	redeliverVideo = statement("redeliver", deliverAgain+` WHERE video_id = @video`+redelivered)
	redeliverAll   = statement("redeliver", deliverAgain+` WHERE ended_at IS NOT NULL`+redelivered)
)

// Redeliver makes notifications due now. A worker that delivers one of them at
// this moment writes nothing any more, and that one is delivered again.
func (p *Protocol) Redeliver(ctx context.Context, w store.Viewer, r store.Redelivery) (int, error) {
	which := redeliverAll
	switch {
	case r.ID != uuid.Nil:
		which = redeliverOne
	case r.Video != uuid.Nil:
		which = redeliverVideo
	}
	n, err := exec(ctx, p.db.Write, which, seenBy(w, Args{"life": store.NotificationLife, "id": r.ID, "video": r.Video, "failed": r.Failed, "within": r.Within}))
	return n, p.explain(err, "redeliver notifications")
}
