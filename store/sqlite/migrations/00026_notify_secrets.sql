-- +goose Up
-- What signs the notifications of a user's videos. The former secret signs beside it
-- until its receivers have the new one.
CREATE TABLE notify_secrets (
    user_id TEXT    NOT NULL PRIMARY KEY,
    secret  TEXT    NOT NULL,
    made_at INTEGER NOT NULL,
    former  TEXT,
    until   INTEGER,

    CONSTRAINT notify_secrets_former_ends CHECK ((former IS NULL) = (until IS NULL))
) STRICT;
