-- +goose Up
-- The last run of each scheduled job, and when one last succeeded: what was
-- missed since then is caught up.
ALTER TABLE scheduled_runs ADD COLUMN run bigint NOT NULL DEFAULT 0;
ALTER TABLE scheduled_runs ADD COLUMN started_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE scheduled_runs ADD COLUMN outcome text NOT NULL DEFAULT 'succeeded';
ALTER TABLE scheduled_runs ADD COLUMN result text NOT NULL DEFAULT '';
ALTER TABLE scheduled_runs ADD COLUMN error text NOT NULL DEFAULT '';
ALTER TABLE scheduled_runs ADD COLUMN succeeded_at timestamptz;
ALTER TABLE scheduled_runs ALTER COLUMN finished_at DROP NOT NULL;
UPDATE scheduled_runs SET started_at = finished_at, succeeded_at = finished_at;
ALTER TABLE scheduled_runs
    ADD CONSTRAINT scheduled_runs_outcome_known CHECK (outcome IN ('running', 'succeeded', 'failed', 'interrupted')),
    ADD CONSTRAINT scheduled_runs_running_has_no_end CHECK ((finished_at IS NULL) = (outcome = 'running'));

-- What retention did to a completed video: its files are gone, or HeyGen's copy.
ALTER TABLE videos ADD COLUMN files_removed_at timestamptz;
ALTER TABLE videos ADD COLUMN heygen_deleted_at timestamptz;

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
