-- +goose Up
ALTER TABLE videos ADD COLUMN notify_url TEXT NOT NULL DEFAULT '';

CREATE TABLE notifications (
    id         TEXT    NOT NULL PRIMARY KEY,
    video_id   TEXT    NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    event      TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    created_at INTEGER NOT NULL,

    -- what runs the delivery
    state      TEXT    NOT NULL DEFAULT 'pending',
    due_at     INTEGER,
    claim      INTEGER NOT NULL DEFAULT 0,
    run        INTEGER NOT NULL DEFAULT 0,
    attempt    INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER,
    tries      TEXT    NOT NULL DEFAULT '[]',

    -- what the video may not say any more when it is delivered
    failure    TEXT,
    file       TEXT,

    CONSTRAINT notifications_event_known CHECK (event IN ('video.completed', 'video.failed', 'video.cancelled')),
    CONSTRAINT notifications_state_known CHECK (state IN ('pending', 'delivered', 'failed')),
    CONSTRAINT notifications_run_was_claimed CHECK (run <= claim),
    CONSTRAINT notifications_pending_is_due CHECK ((due_at IS NOT NULL) = (state = 'pending')),
    CONSTRAINT notifications_ended_has_time CHECK ((ended_at IS NULL) = (state = 'pending'))
) STRICT;

CREATE INDEX notifications_due ON notifications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notifications_ended ON notifications (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX notifications_video ON notifications (video_id);

-- A video ends in many statements. This sees them all, in their transaction.
-- Its time is the one that the end itself wrote into the timeline; its id is of
-- version 7, like every other: the time in front, and the rest random.
-- +goose StatementBegin
CREATE TRIGGER videos_ended AFTER UPDATE OF state ON videos
WHEN NEW.notify_url <> '' AND NEW.state <> OLD.state AND NEW.state IN ('completed', 'failed', 'cancelled')
BEGIN
    INSERT INTO notifications (id, video_id, event, url, created_at, due_at, expires_at, failure, file)
    SELECT printf('%08x-%04x-7%03x-%04x-%012x', at / 1000 >> 16, at / 1000 & 0xffff,
                  random() & 0xfff, random() & 0x3fff | 0x8000, random() & 0xffffffffffff),
           NEW.id, 'video.' || NEW.state, NEW.notify_url, at, at, at + 86400000000, NEW.failure, NEW.file
      FROM (SELECT NEW.timeline ->> '$[#-1].at' AS at);
END;
-- +goose StatementEnd
