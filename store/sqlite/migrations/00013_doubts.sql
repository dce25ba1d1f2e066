-- +goose Up
-- How often in a row, and since when, HeyGen has said nothing of a render that heyq
-- can go by: it does not know it, or used a word that nobody knows.
ALTER TABLE videos ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE videos ADD COLUMN doubted_since INTEGER;

-- A video that failed because HeyGen did not know its render holds no slot any more
-- and is still looked at: it is due though it has ended. SQLite changes no CHECK; this
-- is the way that its documentation gives for a change that no row disagrees with.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
   SET sql = replace(sql, 'CHECK ((due_at IS NULL) = (state IN (''completed'', ''failed'', ''cancelled'') AND NOT slot))',
       'CHECK (CASE WHEN due_at IS NULL THEN state IN (''completed'', ''failed'', ''cancelled'') AND NOT slot ELSE state <> ''completed'' END)')
 WHERE type = 'table' AND name = 'videos';
PRAGMA writable_schema = RESET;
DROP INDEX videos_open;
CREATE INDEX videos_open ON videos (state) WHERE slot OR (due_at IS NOT NULL AND state <> 'queued');
