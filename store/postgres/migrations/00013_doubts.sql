-- +goose Up
-- How often in a row, and since when, HeyGen has said nothing of a render that heyq
-- can go by: it does not know it, or used a word that nobody knows.
ALTER TABLE videos ADD COLUMN doubts integer NOT NULL DEFAULT 0;
ALTER TABLE videos ADD COLUMN doubted_since timestamptz;

-- A video that failed because HeyGen did not know its render holds no slot any more
-- and is still looked at: it is due, and active, though it has ended. The table is
-- written anew.
ALTER TABLE videos DROP CONSTRAINT videos_open_is_due;
ALTER TABLE videos ADD CONSTRAINT videos_open_is_due
    CHECK (CASE WHEN due_at IS NULL THEN state IN ('completed', 'failed', 'cancelled') AND NOT slot ELSE state <> 'completed' END);
ALTER TABLE videos DROP COLUMN active;
ALTER TABLE videos ADD COLUMN active boolean NOT NULL
    GENERATED ALWAYS AS (slot OR (due_at IS NOT NULL AND state <> 'queued')) STORED;
CREATE INDEX videos_active ON videos (id) WHERE active;
