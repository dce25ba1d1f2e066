-- +goose Up
-- Work in the background that callers have started. One that is started, and whose lease
-- is over, is told as failed: its process has died.
CREATE TABLE tasks (
    id          TEXT    NOT NULL PRIMARY KEY,
    user_id     TEXT    NOT NULL,
    started_by  TEXT    NOT NULL,
    request_id  TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    about       TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    result      TEXT    NOT NULL,
    error       TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    ended_at    INTEGER
) STRICT;
CREATE INDEX tasks_user ON tasks (user_id, id);
CREATE INDEX tasks_started_at ON tasks (started_at);
