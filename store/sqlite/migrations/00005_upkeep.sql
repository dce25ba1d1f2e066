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
