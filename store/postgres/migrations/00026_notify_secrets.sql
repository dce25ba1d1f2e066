-- +goose Up
-- What signs the notifications of a user's videos. The former secret signs beside it
-- until its receivers have the new one.
CREATE TABLE notify_secrets (
    user_id text        PRIMARY KEY,
    secret  text        NOT NULL,
    made_at timestamptz NOT NULL,
    former  text,
    until   timestamptz,

    CONSTRAINT notify_secrets_former_ends CHECK ((former IS NULL) = (until IS NULL))
);
