-- +goose Up
-- How a video has ended, null while it has not: videos are listed and counted by
-- it, and of those that have not ended there are few. It changes where active does,
-- so that no more updates touch an index than before. The table is written anew.
ALTER TABLE videos ADD COLUMN ended_as text
    GENERATED ALWAYS AS (CASE WHEN state IN ('completed', 'failed', 'cancelled') THEN state END) STORED;
CREATE INDEX videos_ended_as ON videos (ended_as, id) WHERE ended_as IS NOT NULL;
