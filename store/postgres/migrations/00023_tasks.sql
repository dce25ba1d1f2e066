-- +goose Up
-- Work in the background that callers have started. One that is started, and whose lease
-- is over, is told as failed: its process has died.
CREATE TABLE tasks (
    id          uuid        PRIMARY KEY,
    user_id     text        NOT NULL,
    started_by  text        NOT NULL,
    request_id  text        NOT NULL,
    kind        text        NOT NULL,
    about       text        NOT NULL,
    status      text        NOT NULL,
    result      text        NOT NULL,
    error       text        NOT NULL,
    started_at  timestamptz NOT NULL,
    lease_until timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX tasks_user ON tasks (user_id, id);
CREATE INDEX tasks_started_at ON tasks (started_at);
