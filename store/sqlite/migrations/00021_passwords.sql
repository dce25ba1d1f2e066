-- +goose Up
-- What lets a person in by e-mail: an argon2id hash in the PHC format. A user without a
-- row has no password. set_at grows with each one, and logins begun before it are over.
CREATE TABLE passwords (
    user_id TEXT    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash    TEXT    NOT NULL,
    set_at  INTEGER NOT NULL
) STRICT;

-- A link sets a user's password, once. What it shows is not kept: sum is its SHA-256. A
-- user has one at most, the last that was made.
CREATE TABLE links (
    user_id    TEXT    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sum        BLOB    NOT NULL,
    kind       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,

    CONSTRAINT links_kind_known CHECK (kind IN ('invite', 'reset'))
) STRICT;
CREATE UNIQUE INDEX links_sum ON links (sum);
