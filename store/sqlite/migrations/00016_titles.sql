-- +goose Up
-- The last render of each place whose title HeyGen gave back whole; empty where it
-- did not.
CREATE TABLE titles (
    place     TEXT    NOT NULL PRIMARY KEY,
    heygen_id TEXT    NOT NULL,
    title     TEXT    NOT NULL,
    seen_at   INTEGER NOT NULL
) STRICT;
