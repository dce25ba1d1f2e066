-- +goose Up
-- Whether an analysis is part of its daily total: a total is added to, and never
-- computed again, so that the videos in it may be removed.
ALTER TABLE video_analytics ADD COLUMN counted boolean NOT NULL DEFAULT false;
INSERT INTO daily_totals (day, user_id, template, videos, duration, bytes, price, render_time)
SELECT (completed_at AT TIME ZONE 'UTC')::date, user_id, template, count(*), sum(duration), sum(bytes), sum(price), sum(render_time)
  FROM video_analytics
 WHERE completed_at >= coalesce((SELECT (max(day) - 1)::timestamp AT TIME ZONE 'UTC' FROM daily_totals), '-infinity')
 GROUP BY 1, 2, 3
    ON CONFLICT (day, user_id, template) DO UPDATE
   SET videos = excluded.videos, duration = excluded.duration, bytes = excluded.bytes,
       price = excluded.price, render_time = excluded.render_time;
UPDATE video_analytics SET counted = true WHERE completed_at IS NOT NULL;
DROP INDEX video_analytics_day;
CREATE INDEX video_analytics_uncounted ON video_analytics (completed_at) WHERE completed_at IS NOT NULL AND NOT counted;
