package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// BeginLook takes the next look, unless one is under way.
func (s *Store) BeginLook(ctx context.Context) (l store.Look, ok bool, err error) {
	looks, err := change(ctx, s, func(row scanner) (l store.Look, err error) {
		return l, row.Scan(&l.Number, asTime(&l.At), asText(&l.Memory))
	}, `
		UPDATE watch SET look = look + 1, lease_until = :now + :lease
		 WHERE lease_until IS NULL OR lease_until <= :now
		RETURNING look, :now, memory`, interval("lease", store.LookLease))
	if err != nil || len(looks) == 0 {
		return store.Look{}, false, explain(err, "begin a look")
	}
	l = looks[0]
	l.Alerts, err = s.alerts(ctx, `WHERE end_sent_at IS NULL ORDER BY since, id`)
	return l, err == nil, err
}

// KeepLook writes what came of a look.
func (s *Store) KeepLook(ctx context.Context, l store.Look) (ok bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		kept, err := collect(ctx, tx, func(row scanner) (look int64, err error) { return look, row.Scan(&look) },
			`UPDATE watch SET memory = :memory WHERE look = :look RETURNING look`, sql.Named("memory", string(l.Memory)), sql.Named("look", l.Number))
		if ok = len(kept) == 1; err != nil || !ok {
			return err
		}
		for _, a := range l.Alerts {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO alerts (id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error)
				VALUES (:id, :rule, :subject, :summary, :since, :ended, :start_sent, :end_sent, :error)
				    ON CONFLICT (id) DO UPDATE SET summary = excluded.summary, ended_at = excluded.ended_at,
				       start_sent_at = excluded.start_sent_at, end_sent_at = excluded.end_sent_at, send_error = excluded.send_error`,
				sql.Named("id", a.ID), sql.Named("rule", a.Rule), sql.Named("subject", a.Subject), sql.Named("summary", a.Summary),
				sql.Named("since", micros(a.Since)), sql.Named("ended", orNull(a.EndedAt)), sql.Named("start_sent", orNull(a.StartSentAt)),
				sql.Named("end_sent", orNull(a.EndSentAt)), sql.Named("error", a.SendError))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return ok && err == nil, explain(err, "keep a look")
}

// EndLook lets the next look begin at once.
func (s *Store) EndLook(ctx context.Context, number int64) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		ended, err := collect(ctx, tx, func(row scanner) (look int64, err error) { return look, row.Scan(&look) },
			`UPDATE watch SET lease_until = NULL WHERE look = :look RETURNING look`, sql.Named("look", number))
		if err != nil || len(ended) == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM alerts WHERE ended_at < :now - :life`, s.now(), interval("life", store.AlertLife))
		return err
	})
	return explain(err, "end a look")
}

// Alerts lists what is active, and the last n alerts that ended.
func (s *Store) Alerts(ctx context.Context, n int) (active, ended []store.Alert, err error) {
	if active, err = s.alerts(ctx, `WHERE ended_at IS NULL ORDER BY since DESC, id DESC`); err != nil {
		return nil, nil, err
	}
	ended, err = s.alerts(ctx, `WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT :n`, sql.Named("n", n))
	return active, ended, err
}

func (s *Store) alerts(ctx context.Context, which string, args ...any) ([]store.Alert, error) {
	list, err := collect(ctx, s.reader, func(row scanner) (a store.Alert, err error) {
		return a, row.Scan(&a.ID, &a.Rule, &a.Subject, &a.Summary,
			asTime(&a.Since), asTime(&a.EndedAt), asTime(&a.StartSentAt), asTime(&a.EndSentAt), &a.SendError)
	}, `SELECT id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error FROM alerts `+which, args...)
	return list, explain(err, "read alerts")
}

// stuckSince is the time at which a video should have moved: within minutes of
// its render's deadline HeyGen has been asked, and within bound a file or an
// answer has come.
const stuckSince = `CASE
	WHEN slot AND render_deadline IS NOT NULL AND state NOT IN ('queued', 'submitting') THEN render_deadline + 300000000
	WHEN state IN ('submitting', 'downloading') THEN (timeline ->> '$[#-1].at') + :bound END`

// Stuck finds the videos that do not move.
func (s *Store) Stuck(ctx context.Context, bound time.Duration) (store.Stuck, error) {
	now := s.clock()
	var found store.Stuck
	list, err := collect(ctx, s.reader, func(row scanner) (id uuid.UUID, err error) {
		var since time.Time
		err = row.Scan(&id, asTime(&since), &found.Videos)
		found.Oldest = max(found.Oldest, now.Sub(since))
		return id, err
	}, `
		SELECT id, since, count(*) OVER ()
		  FROM (SELECT id, `+stuckSince+` AS since FROM videos WHERE `+open+`)
		 WHERE since < :now ORDER BY since, id LIMIT 3`, sql.Named("now", micros(now)), interval("bound", bound))
	found.First = list
	return found, explain(err, "look for stuck videos")
}

// orNull is NULL for the zero time.
func orNull(at time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: micros(at), Valid: !at.IsZero()}
}
