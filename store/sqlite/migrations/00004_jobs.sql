-- +goose Up
-- When a video failed: the time that its end wrote into the timeline.
ALTER TABLE videos ADD COLUMN failed_at INTEGER
    GENERATED ALWAYS AS (CASE WHEN state = 'failed' THEN timeline ->> '$[#-1].at' END) VIRTUAL;
CREATE INDEX videos_failed ON videos (failed_at, id) WHERE failed_at IS NOT NULL;
CREATE INDEX videos_failed_code ON videos (failure ->> '$.code', failed_at, id) WHERE failed_at IS NOT NULL;

-- When an analysis was given up.
ALTER TABLE video_analytics ADD COLUMN failed_at INTEGER;
UPDATE video_analytics SET failed_at = unixepoch() * 1000000 WHERE due_at IS NULL AND completed_at IS NULL;
CREATE INDEX video_analytics_failed ON video_analytics (failed_at, video_id) WHERE failed_at IS NOT NULL;

CREATE INDEX notifications_failed ON notifications (ended_at, id) WHERE state = 'failed';

-- Who did what to which job. It outlives the job.
CREATE TABLE job_actions (
    id         INTEGER NOT NULL PRIMARY KEY,
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    job        TEXT    NOT NULL,
    video_id   TEXT,
    outcome    TEXT    NOT NULL,

    CONSTRAINT job_actions_action_known CHECK (action IN ('requeue', 'cancel', 'delete'))
) STRICT;
CREATE INDEX job_actions_job ON job_actions (job, id);
CREATE INDEX job_actions_at ON job_actions (at);
