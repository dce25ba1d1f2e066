-- +goose Up
-- What a user may do within a time, by action. What has no row is as usual.
CREATE TABLE limits (
    user_id TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    amount  INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    PRIMARY KEY (user_id, action)
) STRICT;
