-- +goose Up
-- The last render of each place whose title HeyGen gave back whole; empty where it
-- did not.
CREATE TABLE titles (
    place     text        PRIMARY KEY,
    heygen_id text        NOT NULL,
    title     text        NOT NULL,
    seen_at   timestamptz NOT NULL DEFAULT now()
);
