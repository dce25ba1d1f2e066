-- +goose Up
-- Keys let programs in, in the name of a user; without one it is the owner's. What is
-- shown is not kept: sum is its SHA-256.
CREATE TABLE api_keys (
    id         uuid        PRIMARY KEY,
    user_id    uuid        REFERENCES users (id) ON DELETE CASCADE,
    name       text        NOT NULL,
    shown      text        NOT NULL,
    sum        bytea       NOT NULL,
    scopes     jsonb       NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    used_at    timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX api_keys_sum ON api_keys (sum);
CREATE INDEX api_keys_user ON api_keys (user_id, id);
