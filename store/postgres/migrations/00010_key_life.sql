-- +goose Up
-- Keys live for different times: that of a request for days, that of a single
-- video (which an import gives each line) for a week.
ALTER TABLE idempotency_keys ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + interval '2 days';
UPDATE idempotency_keys SET expires_at = created_at + interval '2 days';
ALTER TABLE idempotency_keys ALTER COLUMN expires_at DROP DEFAULT;
