-- +goose Up
ALTER TABLE videos ADD COLUMN notify_url text NOT NULL DEFAULT '';

-- +goose StatementBegin
CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    -- A random id (version 4) with the time in front, and the version's 4 made a 7.
    SELECT encode(set_byte(id, 6, get_byte(id, 6) | 48), 'hex')::uuid
      FROM (SELECT overlay(uuid_send(gen_random_uuid())
                   PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                   FROM 1)) AS random (id)
$$;
-- +goose StatementEnd

CREATE TABLE notifications (
    id         uuid        NOT NULL PRIMARY KEY DEFAULT uuid_v7(),
    video_id   uuid        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    event      text        NOT NULL,
    url        text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),

    -- what runs the delivery
    state      text        NOT NULL DEFAULT 'pending',
    due_at     timestamptz DEFAULT now(),
    claim      bigint      NOT NULL DEFAULT 0,
    run        bigint      NOT NULL DEFAULT 0,
    attempt    integer     NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '24 hours',
    ended_at   timestamptz,
    tries      jsonb       NOT NULL DEFAULT '[]',

    -- what the video may not say any more when it is delivered
    failure    jsonb,
    file       jsonb,

    CONSTRAINT notifications_event_known CHECK (event IN ('video.completed', 'video.failed', 'video.cancelled')),
    CONSTRAINT notifications_state_known CHECK (state IN ('pending', 'delivered', 'failed')),
    CONSTRAINT notifications_run_was_claimed CHECK (run <= claim),
    CONSTRAINT notifications_pending_is_due CHECK ((due_at IS NOT NULL) = (state = 'pending')),
    CONSTRAINT notifications_ended_has_time CHECK ((ended_at IS NULL) = (state = 'pending'))
) WITH (fillfactor = 70);

CREATE INDEX notifications_due ON notifications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notifications_ended ON notifications (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX notifications_video ON notifications (video_id);

-- A video ends in many statements. This sees them all, in their transaction;
-- the condition costs those nothing that tell nobody.
-- +goose StatementBegin
CREATE FUNCTION notify_of_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notifications (video_id, event, url, failure, file)
    VALUES (NEW.id, 'video.' || NEW.state, NEW.notify_url, NEW.failure, NEW.file);
    RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER videos_ended AFTER UPDATE OF state ON videos FOR EACH ROW
    WHEN (NEW.notify_url <> '' AND NEW.state <> OLD.state AND NEW.state IN ('completed', 'failed', 'cancelled'))
    EXECUTE FUNCTION notify_of_end();
