-- +goose Up
-- What a user may do within a time, by action. What has no row is as usual.
CREATE TABLE limits (
    user_id text    NOT NULL,
    action  text    NOT NULL,
    amount  integer NOT NULL,
    seconds integer NOT NULL,
    PRIMARY KEY (user_id, action)
);
