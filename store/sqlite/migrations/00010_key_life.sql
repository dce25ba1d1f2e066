-- +goose Up
-- Keys live for different times: that of a request for days, that of a single
-- video (which an import gives each line) for a week.
ALTER TABLE idempotency_keys ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
UPDATE idempotency_keys SET expires_at = created_at + 172800000000;
