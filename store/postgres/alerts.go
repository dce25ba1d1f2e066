package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// BeginLook takes the next look, unless one is under way.
func (s *Store) BeginLook(ctx context.Context) (l store.Look, ok bool, err error) {
	looks, err := collect(ctx, s, func(row pgx.CollectableRow) (l store.Look, err error) {
		return l, row.Scan(&l.Number, asTime(&l.At), &l.Memory)
	}, `
		UPDATE watch SET look = look + 1, lease_until = now() + $1 * interval '1 s'
		 WHERE lease_until IS NULL OR lease_until <= now()
		RETURNING look, now(), memory`, seconds(store.LookLease))
	if err != nil || len(looks) == 0 {
		return store.Look{}, false, explain(err, "begin a look")
	}
	l = looks[0]
	l.Alerts, err = s.alerts(ctx, `WHERE end_sent_at IS NULL ORDER BY since, id`)
	return l, err == nil, err
}

// KeepLook writes what came of a look.
func (s *Store) KeepLook(ctx context.Context, l store.Look) (ok bool, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE watch SET memory = $2 WHERE look = $1`, l.Number, l.Memory)
		if ok = tag.RowsAffected() == 1; err != nil || !ok {
			return err
		}
		batch := &pgx.Batch{}
		for _, a := range l.Alerts {
			batch.Queue(`
				INSERT INTO alerts (id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
				    ON CONFLICT (id) DO UPDATE SET summary = excluded.summary, ended_at = excluded.ended_at,
				       start_sent_at = excluded.start_sent_at, end_sent_at = excluded.end_sent_at, send_error = excluded.send_error`,
				a.ID, a.Rule, a.Subject, a.Summary, a.Since, orNull(a.EndedAt), orNull(a.StartSentAt), orNull(a.EndSentAt), a.SendError)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	return ok && err == nil, explain(err, "keep a look")
}

// EndLook lets the next look begin at once.
func (s *Store) EndLook(ctx context.Context, number int64) error {
	_, err := s.exec(ctx, `
		WITH ended AS (UPDATE watch SET lease_until = NULL WHERE look = $1 RETURNING 1)
		DELETE FROM alerts WHERE ended_at < now() - $2 * interval '1 s' AND EXISTS (SELECT FROM ended)`, number, seconds(store.AlertLife))
	return explain(err, "end a look")
}

// Alerts lists what is active, and the last n alerts that ended.
func (s *Store) Alerts(ctx context.Context, n int) (active, ended []store.Alert, err error) {
	if active, err = s.alerts(ctx, `WHERE ended_at IS NULL ORDER BY since DESC, id DESC`); err != nil {
		return nil, nil, err
	}
	ended, err = s.alerts(ctx, `WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT $1`, n)
	return active, ended, err
}

func (s *Store) alerts(ctx context.Context, which string, args ...any) ([]store.Alert, error) {
	list, err := collect(ctx, s, func(row pgx.CollectableRow) (a store.Alert, err error) {
		return a, row.Scan(&a.ID, &a.Rule, &a.Subject, &a.Summary,
			asTime(&a.Since), asTime(&a.EndedAt), asTime(&a.StartSentAt), asTime(&a.EndSentAt), &a.SendError)
	}, `SELECT id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error FROM alerts `+which, args...)
	return list, explain(err, "read alerts")
}

// stuckSince is the time at which a video should have moved: within minutes of
// its render's deadline HeyGen has been asked, and within bound a file or an
// answer has come.
const stuckSince = `CASE
	WHEN slot AND render_deadline IS NOT NULL AND state NOT IN ('queued', 'submitting') THEN render_deadline + interval '5 min'
	WHEN state IN ('submitting', 'downloading') THEN moment(timeline -> -1 ->> 'at') + $1 * interval '1 s' END`

// Stuck finds the videos that do not move.
func (s *Store) Stuck(ctx context.Context, bound time.Duration) (store.Stuck, error) {
	list, err := collect(ctx, s, func(row pgx.CollectableRow) (found store.Stuck, err error) {
		var since float64
		err = row.Scan(&found.Videos, &since, &found.First)
		found.Oldest = time.Duration(since * float64(time.Second))
		return found, err
	}, `
		SELECT count(*), coalesce(extract(epoch FROM now() - min(since)), 0)::float8, coalesce((array_agg(id ORDER BY since, id))[1:3], '{}')
		  FROM (SELECT id, `+stuckSince+` AS since FROM videos WHERE active) AS v
		 WHERE since < now()`, seconds(bound))
	if err != nil {
		return store.Stuck{}, explain(err, "look for stuck videos")
	}
	return list[0], nil
}

// orNull is NULL for the zero time.
func orNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
