-- +goose Up
-- The last run of each scheduled job, and when one last succeeded: what was
-- missed since then is caught up. The table is made anew: SQLite cannot take a
-- NOT NULL off a column.
CREATE TABLE scheduled_runs_new (
    name         TEXT    NOT NULL PRIMARY KEY,
    run          INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    finished_at  INTEGER,
    outcome      TEXT    NOT NULL,
    result       TEXT    NOT NULL DEFAULT '',
    error        TEXT    NOT NULL DEFAULT '',
    succeeded_at INTEGER,

    CONSTRAINT scheduled_runs_outcome_known CHECK (outcome IN ('running', 'succeeded', 'failed', 'interrupted')),
    CONSTRAINT scheduled_runs_running_has_no_end CHECK ((finished_at IS NULL) = (outcome = 'running'))
) STRICT;
INSERT INTO scheduled_runs_new (name, run, started_at, finished_at, outcome, succeeded_at)
SELECT name, 0, finished_at, finished_at, 'succeeded', finished_at FROM scheduled_runs;
DROP TABLE scheduled_runs;
ALTER TABLE scheduled_runs_new RENAME TO scheduled_runs;

-- What retention did to a completed video: its files are gone, or HeyGen's copy.
ALTER TABLE videos ADD COLUMN files_removed_at INTEGER;
ALTER TABLE videos ADD COLUMN heygen_deleted_at INTEGER;

-- Whether an analysis is part of its daily total: a total is added to, and never
-- computed again, so that the videos in it may be removed.
ALTER TABLE video_analytics ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
INSERT INTO daily_totals (day, user_id, template, videos, duration, bytes, price, render_time)
SELECT date(completed_at / 1000000, 'unixepoch'), user_id, template, count(*), sum(duration), sum(bytes), sum(price), sum(render_time)
  FROM video_analytics
 WHERE completed_at >= coalesce((SELECT unixepoch(max(day), '-1 day') * 1000000 FROM daily_totals), 0)
 GROUP BY 1, 2, 3
    ON CONFLICT (day, user_id, template) DO UPDATE
   SET videos = excluded.videos, duration = excluded.duration, bytes = excluded.bytes,
       price = excluded.price, render_time = excluded.render_time;
UPDATE video_analytics SET counted = 1 WHERE completed_at IS NOT NULL;
DROP INDEX video_analytics_day;
CREATE INDEX video_analytics_uncounted ON video_analytics (completed_at) WHERE completed_at IS NOT NULL AND NOT counted;
