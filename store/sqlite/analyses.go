package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// ClaimAnalyses takes up to n completed videos that are not yet measured.
func (s *Store) ClaimAnalyses(ctx context.Context, n int) ([]store.Claim, error) {
	claims, err := change(ctx, s, scanClaim, `
		UPDATE video_analytics
		   SET claim = claim + 1, due_at = :now + :redispatch
		 WHERE video_id IN (
		       SELECT video_id FROM video_analytics WHERE due_at <= :now ORDER BY due_at LIMIT :n)
		RETURNING video_id, claim`, interval("redispatch", s.timing.Redispatch), sql.Named("n", n))
	return claims, explain(err, "claim analyses")
}

// SaveAnalyses upserts measurements and takes them off the list.
func (s *Store) SaveAnalyses(ctx context.Context, list []store.Analysis) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		for _, a := range list {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO video_analytics (video_id, due_at, user_id, template, queue_time, submit_time, render_time, download_time,
				       bytes, duration, width, height, video_codec, audio_codec, bit_rate, price, completed_at)
				VALUES (?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
				    ON CONFLICT (video_id) DO UPDATE
				   SET due_at = NULL, failed_at = NULL, attempt = 0, user_id = excluded.user_id, template = excluded.template,
				       queue_time = excluded.queue_time, submit_time = excluded.submit_time,
				       render_time = excluded.render_time, download_time = excluded.download_time,
				       bytes = excluded.bytes, duration = excluded.duration, width = excluded.width, height = excluded.height,
				       video_codec = excluded.video_codec, audio_codec = excluded.audio_codec, bit_rate = excluded.bit_rate,
				       price = excluded.price, completed_at = excluded.completed_at`,
				a.VideoID, a.UserID, a.Template, int64(a.QueueTime), int64(a.SubmitTime), int64(a.RenderTime), int64(a.DownloadTime),
				a.Bytes, int64(a.Duration), a.Width, a.Height, a.VideoCodec, a.AudioCodec, a.BitRate, a.Price, micros(a.CompletedAt))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return explain(err, "save analyses")
}

// FailAnalyses makes them due again after wait, and drops those that have
// failed most times.
func (s *Store) FailAnalyses(ctx context.Context, videos []uuid.UUID, wait time.Duration, most int) error {
	_, err := s.exec(ctx, `
		UPDATE video_analytics
		   SET attempt = attempt + 1,
		       due_at = CASE WHEN attempt + 1 < :most THEN :now + :wait END,
		       failed_at = CASE WHEN attempt + 1 >= :most THEN :now END
		 WHERE video_id IN (SELECT value FROM json_each(:ids))`,
		idList(videos), interval("wait", wait), sql.Named("most", most))
	return explain(err, "postpone analyses")
}

// renderTimes reads ten rows for each that it is to find, at most: many may not be
// measured yet.
const renderTimes = `
	SELECT render_time FROM (SELECT video_id, render_time FROM video_analytics ORDER BY video_id DESC LIMIT :n * 10)
	 WHERE render_time > 0 ORDER BY video_id DESC LIMIT :n`

// RenderTimes says how long the newest renders took.
func (s *Store) RenderTimes(ctx context.Context, n int) ([]time.Duration, error) {
	list, err := collect(ctx, s.reader, func(row scanner) (took time.Duration, err error) {
		return took, row.Scan(&took)
	}, renderTimes, sql.Named("n", n))
	return list, explain(err, "read render times")
}

// Rollup adds what was measured since the last call to the daily totals. Each
// analysis is counted once: its row says so.
func (s *Store) Rollup(ctx context.Context) (n int, err error) {
	err = s.write(ctx, func(tx *sql.Tx) (err error) {
		n, err = rollup(ctx, tx, "")
		return err
	})
	return n, explain(err, "roll up analyses")
}

// rollup counts the analyses that meet a condition, if it is not empty, and returns
// how many totals it wrote.
func rollup(ctx context.Context, tx *sql.Tx, condition string, args ...any) (int, error) {
	uncounted := ` WHERE completed_at IS NOT NULL AND NOT counted ` + condition
	result, err := tx.ExecContext(ctx, `
		INSERT INTO daily_totals AS d (day, user_id, template, videos, duration, bytes, price, render_time)
		SELECT date(completed_at / 1000000, 'unixepoch'), user_id, template,
		       count(*), sum(duration), sum(bytes), sum(price), sum(render_time)
		  FROM video_analytics`+uncounted+`
		 GROUP BY 1, 2, 3
		    ON CONFLICT (day, user_id, template) DO UPDATE
		   SET videos = d.videos + excluded.videos, duration = d.duration + excluded.duration, bytes = d.bytes + excluded.bytes,
		       price = d.price + excluded.price, render_time = d.render_time + excluded.render_time`, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE video_analytics SET counted = 1`+uncounted, args...)
	return int(n), err
}

// DailyTotals returns the totals of the days in [from, to), oldest first.
func (s *Store) DailyTotals(ctx context.Context, from, to time.Time) ([]store.DailyTotal, error) {
	list, err := collect(ctx, s.reader, func(row scanner) (d store.DailyTotal, err error) {
		var day string
		if err := row.Scan(&day, &d.UserID, &d.Template, &d.Videos, &d.Duration, &d.Bytes, &d.Price, &d.RenderTime); err != nil {
			return d, err
		}
		d.Day, err = time.Parse(time.DateOnly, day)
		return d, err
	}, `
		SELECT day, user_id, template, videos, duration, bytes, price, render_time
		  FROM daily_totals WHERE day >= :from AND day < :to ORDER BY day, user_id, template`,
		sql.Named("from", from.UTC().Format(time.DateOnly)), sql.Named("to", to.UTC().Format(time.DateOnly)))
	return list, explain(err, "read daily totals")
}
