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
