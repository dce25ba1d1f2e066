-- +goose Up
-- What ops:watch remembers from look to look. A look has a lease and a number,
-- as the run of a video has: whoever writes under an older number writes nothing.
CREATE TABLE watch (
    id          boolean     PRIMARY KEY DEFAULT true CHECK (id),
    look        bigint      NOT NULL DEFAULT 0,
    lease_until timestamptz,
    memory      jsonb       NOT NULL DEFAULT '{}'
);
INSERT INTO watch DEFAULT VALUES;

-- What was wrong, and who was told. A message that was not sent has no time.
CREATE TABLE alerts (
    id            uuid        PRIMARY KEY,
    rule          text        NOT NULL,
    subject       text        NOT NULL,
    summary       text        NOT NULL,
    since         timestamptz NOT NULL,
    ended_at      timestamptz,
    start_sent_at timestamptz,
    end_sent_at   timestamptz,
    send_error    text        NOT NULL,

    CONSTRAINT alerts_end_follows_start CHECK (end_sent_at IS NULL OR (ended_at IS NOT NULL AND start_sent_at IS NOT NULL))
);
CREATE UNIQUE INDEX alerts_active ON alerts (rule, subject) WHERE ended_at IS NULL;
CREATE INDEX alerts_untold ON alerts (since, id) WHERE end_sent_at IS NULL;
CREATE INDEX alerts_ended ON alerts (ended_at, id) WHERE ended_at IS NOT NULL;
