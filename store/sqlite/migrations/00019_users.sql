-- +goose Up
-- The people who have videos. A key is an e-mail without regard to case, folded by
-- heyq: databases fold differently. The same holds for what a search looks through.
CREATE TABLE users (
    id             TEXT    NOT NULL PRIMARY KEY,
    email          TEXT    NOT NULL,
    email_key      TEXT    NOT NULL,
    search         TEXT    NOT NULL,
    role           TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    deactivated_at INTEGER,

    CONSTRAINT users_role_known CHECK (role IN ('owner', 'operator', 'manager', 'member', 'viewer'))
) STRICT;
CREATE UNIQUE INDEX users_email ON users (email_key);

CREATE TABLE profiles (
    user_id    TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    first_name TEXT NOT NULL,
    last_name  TEXT NOT NULL,
    bio        TEXT NOT NULL,
    avatar_url TEXT NOT NULL,
    time_zone  TEXT NOT NULL
) STRICT;

-- A user's videos, newest first.
CREATE INDEX videos_user ON videos (user_id, id);
