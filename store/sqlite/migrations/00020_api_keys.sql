-- +goose Up
-- Keys let programs in, in the name of a user; without one it is the owner's. What is
-- shown is not kept: sum is its SHA-256.
CREATE TABLE api_keys (
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    shown      TEXT    NOT NULL,
    sum        BLOB    NOT NULL,
    scopes     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at    INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX api_keys_sum ON api_keys (sum);
CREATE INDEX api_keys_user ON api_keys (user_id, id);
