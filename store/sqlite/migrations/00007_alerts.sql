-- +goose Up
-- What ops:watch remembers from look to look. A look has a lease and a number,
-- as the run of a video has: whoever writes under an older number writes nothing.
CREATE TABLE watch (
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    look        INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    memory      TEXT    NOT NULL DEFAULT '{}'
) STRICT;
INSERT INTO watch (id) VALUES (1);

-- What was wrong, and who was told. A message that was not sent has no time.
CREATE TABLE alerts (
    id            TEXT    NOT NULL PRIMARY KEY,
    rule          TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    summary       TEXT    NOT NULL,
    since         INTEGER NOT NULL,
    ended_at      INTEGER,
    start_sent_at INTEGER,
    end_sent_at   INTEGER,
    send_error    TEXT    NOT NULL,

    CONSTRAINT alerts_end_follows_start CHECK (end_sent_at IS NULL OR (ended_at IS NOT NULL AND start_sent_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX alerts_active ON alerts (rule, subject) WHERE ended_at IS NULL;
CREATE INDEX alerts_untold ON alerts (since, id) WHERE end_sent_at IS NULL;
CREATE INDEX alerts_ended ON alerts (ended_at, id) WHERE ended_at IS NOT NULL;
