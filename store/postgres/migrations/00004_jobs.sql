-- +goose Up
-- A timeline's times carry their own offset, so that reading one depends on no
-- setting: this cast is immutable, though timestamptz's in general is not.
CREATE FUNCTION moment(text) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1::timestamptz';

-- When a video failed. It changes with an end and a retry alone, so that the
-- indexes below cost nobody else anything.
ALTER TABLE videos ADD COLUMN failed_at timestamptz
    GENERATED ALWAYS AS (CASE WHEN state = 'failed' THEN moment(timeline -> -1 ->> 'at') END) STORED;
CREATE INDEX videos_failed ON videos (failed_at, id) WHERE failed_at IS NOT NULL;
CREATE INDEX videos_failed_code ON videos ((failure ->> 'code'), failed_at, id) WHERE failed_at IS NOT NULL;

-- When an analysis was given up.
ALTER TABLE video_analytics ADD COLUMN failed_at timestamptz;
UPDATE video_analytics SET failed_at = now() WHERE due_at IS NULL AND completed_at IS NULL;
CREATE INDEX video_analytics_failed ON video_analytics (failed_at, video_id) WHERE failed_at IS NOT NULL;

CREATE INDEX notifications_failed ON notifications (ended_at, id) WHERE state = 'failed';

-- Who did what to which job. It outlives the job.
CREATE TABLE job_actions (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    who        text        NOT NULL,
    request_id text        NOT NULL,
    action     text        NOT NULL,
    job        text        NOT NULL,
    video_id   uuid,
    outcome    text        NOT NULL,

    CONSTRAINT job_actions_action_known CHECK (action IN ('requeue', 'cancel', 'delete'))
);
CREATE INDEX job_actions_job ON job_actions (job, id);
CREATE INDEX job_actions_at ON job_actions (at);
