package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// ClaimAnalyses takes up to n completed videos that are not yet measured.
func (s *Store) ClaimAnalyses(ctx context.Context, n int) ([]store.Claim, error) {
	claims, err := collect(ctx, s, pgx.RowToStructByPos[store.Claim], `
		UPDATE video_analytics
		   SET claim = claim + 1, due_at = now() + $2 * interval '1 s'
		 WHERE video_id = ANY (ARRAY(
		       SELECT video_id FROM video_analytics WHERE due_at <= now()
		        ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED))
		RETURNING video_id, claim`, n, seconds(s.timing.Redispatch))
	return claims, explain(err, "claim analyses")
}

// SaveAnalyses upserts measurements and takes them off the list.
func (s *Store) SaveAnalyses(ctx context.Context, list []store.Analysis) error {
	if len(list) == 0 {
		return nil
	}
	records, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("encode analyses: %w", err)
	}
	_, err = s.exec(ctx, `
		INSERT INTO video_analytics (video_id, due_at, user_id, template, queue_time, submit_time, render_time, download_time,
		       bytes, duration, width, height, video_codec, audio_codec, bit_rate, price, completed_at)
		SELECT video_id, NULL, user_id, template,
		       queue_time / 1e9 * interval '1 s', submit_time / 1e9 * interval '1 s',
		       render_time / 1e9 * interval '1 s', download_time / 1e9 * interval '1 s',
		       bytes, duration / 1e9 * interval '1 s', width, height, coalesce(video_codec, ''), coalesce(audio_codec, ''),
		       coalesce(bit_rate, 0), price, completed_at
		  FROM json_to_recordset($1) AS a (video_id uuid, user_id text, template text, queue_time float8, submit_time float8,
		       render_time float8, download_time float8, bytes bigint, duration float8, width integer, height integer,
		       video_codec text, audio_codec text, bit_rate integer, price numeric, completed_at timestamptz)
		    ON CONFLICT (video_id) DO UPDATE
		   SET due_at = NULL, failed_at = NULL, attempt = 0, user_id = excluded.user_id, template = excluded.template,
		       queue_time = excluded.queue_time, submit_time = excluded.submit_time,
		       render_time = excluded.render_time, download_time = excluded.download_time,
		       bytes = excluded.bytes, duration = excluded.duration, width = excluded.width, height = excluded.height,
		       video_codec = excluded.video_codec, audio_codec = excluded.audio_codec, bit_rate = excluded.bit_rate,
		       price = excluded.price, completed_at = excluded.completed_at`, records)
	return explain(err, "save analyses")
}

// FailAnalyses makes them due again after wait, and drops those that have
// failed most times.
func (s *Store) FailAnalyses(ctx context.Context, videos []uuid.UUID, wait time.Duration, most int) error {
	_, err := s.exec(ctx, `
		UPDATE video_analytics
		   SET attempt = attempt + 1,
		       due_at = CASE WHEN attempt + 1 < $3 THEN now() + $2 * interval '1 s' END,
		       failed_at = CASE WHEN attempt + 1 >= $3 THEN now() END
		 WHERE video_id = ANY ($1)`, videos, seconds(wait), most)
	return explain(err, "postpone analyses")
}

// renderTimes reads ten rows for each that it is to find, at most: many may not be
// measured yet.
const renderTimes = `
	SELECT render_time FROM (SELECT video_id, render_time FROM video_analytics ORDER BY video_id DESC LIMIT $1::bigint * 10) AS newest
	 WHERE render_time > interval '0' ORDER BY video_id DESC LIMIT $1`

// RenderTimes says how long the newest renders took.
func (s *Store) RenderTimes(ctx context.Context, n int) ([]time.Duration, error) {
	list, err := collect(ctx, s, pgx.RowTo[time.Duration], renderTimes, n)
	return list, explain(err, "read render times")
}

// Rollup adds what was measured since the last call to the daily totals. Each
// analysis is counted once, whoever rolls up beside us: its row says so.
func (s *Store) Rollup(ctx context.Context) (int, error) {
	n, err := s.exec(ctx, rollup(""))
	return n, explain(err, "roll up analyses")
}

// rollup is the statement for analyses that meet a condition, if it is not empty.
func rollup(condition string) string {
	return `
		WITH counted AS (
		    UPDATE video_analytics SET counted = true WHERE completed_at IS NOT NULL AND NOT counted ` + condition + `
		    RETURNING completed_at, user_id, template, duration, bytes, price, render_time
		)
		INSERT INTO daily_totals AS d (day, user_id, template, videos, duration, bytes, price, render_time)
		SELECT (completed_at AT TIME ZONE 'UTC')::date, user_id, template,
		       count(*), sum(duration), sum(bytes), sum(price), sum(render_time)
		  FROM counted
		 GROUP BY 1, 2, 3
		 ORDER BY 1, 2, 3
		    ON CONFLICT (day, user_id, template) DO UPDATE
		   SET videos = d.videos + excluded.videos, duration = d.duration + excluded.duration, bytes = d.bytes + excluded.bytes,
		       price = d.price + excluded.price, render_time = d.render_time + excluded.render_time`
}

// DailyTotals returns the totals of the days in [from, to), oldest first.
func (s *Store) DailyTotals(ctx context.Context, from, to time.Time) ([]store.DailyTotal, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[store.DailyTotal], `
		SELECT day, user_id, template, videos, duration, bytes, price::float8, render_time
		  FROM daily_totals WHERE day >= $1 AND day < $2 ORDER BY day, user_id, template`, from.UTC(), to.UTC())
	return list, explain(err, "read daily totals")
}
