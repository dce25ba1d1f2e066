-- +goose Up
CREATE TABLE videos (
    id               uuid        PRIMARY KEY,
    user_id          text        NOT NULL,
    title            text        NOT NULL,
    description      text        NOT NULL,
    priority         smallint    NOT NULL,
    not_before       timestamptz NOT NULL,
    metadata         jsonb       NOT NULL,
    request          jsonb       NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    completed_at     timestamptz,

    -- what runs the machine
    state            text        NOT NULL DEFAULT 'queued',
    due_at           timestamptz,
    claim            bigint      NOT NULL DEFAULT 0,
    run              bigint      NOT NULL DEFAULT 0,
    lease_until      timestamptz,
    slot             boolean     NOT NULL DEFAULT false,
    attempt          integer     NOT NULL DEFAULT 0,
    lapses           integer     NOT NULL DEFAULT 0,
    cancel_requested boolean     NOT NULL DEFAULT false,
    hinted           boolean     NOT NULL DEFAULT false,

    -- what is known of the paid render
    submission       integer     NOT NULL DEFAULT 1,
    sends            integer     NOT NULL DEFAULT 0,
    refusals         integer     NOT NULL DEFAULT 0,
    refusal          jsonb,
    submitted_at     timestamptz,
    sent_at          timestamptz,
    looking_since    timestamptz,
    heygen_id        text,
    accepted_at      timestamptz,
    render_deadline  timestamptz,
    render_dead      boolean     NOT NULL DEFAULT false,

    -- what came of it
    failure          jsonb,
    media_prefix     text,
    file             jsonb,
    timeline         jsonb       NOT NULL,

    -- what the dispatcher reads: rows that wait for a slot, and rows at work
    waiting          boolean     NOT NULL GENERATED ALWAYS AS (state = 'queued' AND NOT slot) STORED,
    active           boolean     NOT NULL GENERATED ALWAYS AS (slot OR state IN ('submitting', 'rendering', 'downloading')) STORED,

    CONSTRAINT videos_state_known CHECK (state IN ('queued', 'submitting', 'rendering', 'downloading', 'completed', 'failed', 'cancelled')),
    CONSTRAINT videos_run_was_claimed CHECK (run <= claim),
    CONSTRAINT videos_open_is_due CHECK ((due_at IS NULL) = (state IN ('completed', 'failed', 'cancelled') AND NOT slot)),
    CONSTRAINT videos_queued_is_unpaid CHECK (state <> 'queued' OR (sends = 0 AND submitted_at IS NULL AND heygen_id IS NULL)),
    CONSTRAINT videos_submitting_holds_slot CHECK (state <> 'submitting' OR (slot AND submitted_at IS NOT NULL)),
    CONSTRAINT videos_rendered_holds_none CHECK (state NOT IN ('downloading', 'completed') OR NOT slot),
    CONSTRAINT videos_watched_is_known CHECK (NOT slot OR state IN ('queued', 'submitting') OR heygen_id IS NOT NULL),
    CONSTRAINT videos_failed_has_reason CHECK ((state = 'failed') = (failure IS NOT NULL))
) WITH (fillfactor = 50);

-- No index knows due_at, a lease, a slot or the state itself: a video changes
-- them a dozen times, and an update that changes no indexed column stays on its
-- page (HOT). Only admission and the end touch an index.
CREATE INDEX videos_waiting ON videos (priority DESC, id, not_before) WHERE waiting;
CREATE INDEX videos_active ON videos (id) WHERE active;

CREATE TABLE idempotency_keys (
    user_id    text        NOT NULL,
    key        text        NOT NULL,
    sum        bytea       NOT NULL,
    answer     bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);

CREATE TABLE admission (
    id     boolean     PRIMARY KEY DEFAULT true CHECK (id),
    state  text        NOT NULL CHECK (state IN ('open', 'paused', 'stopped')),
    reason text        NOT NULL,
    until  timestamptz
);
INSERT INTO admission (state, reason) VALUES ('open', '');

CREATE TABLE meta (
    key   text PRIMARY KEY,
    value text NOT NULL
);
INSERT INTO meta (key, value) VALUES ('redis_epoch', '');

CREATE TABLE scheduled_runs (
    name        text        PRIMARY KEY,
    finished_at timestamptz NOT NULL
);

CREATE TABLE video_analytics (
    video_id      uuid        PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
    due_at        timestamptz DEFAULT now(),
    claim         bigint      NOT NULL DEFAULT 0,
    attempt       integer     NOT NULL DEFAULT 0,
    user_id       text        NOT NULL DEFAULT '',
    template      text        NOT NULL DEFAULT '',
    queue_time    interval,
    submit_time   interval,
    render_time   interval,
    download_time interval,
    bytes         bigint,
    duration      interval,
    width         integer,
    height        integer,
    video_codec   text,
    audio_codec   text,
    bit_rate      integer,
    price         numeric(12, 6),
    completed_at  timestamptz
) WITH (fillfactor = 70);
CREATE INDEX video_analytics_due ON video_analytics (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX video_analytics_day ON video_analytics (completed_at) WHERE completed_at IS NOT NULL;

CREATE TABLE daily_totals (
    day         date           NOT NULL,
    user_id     text           NOT NULL,
    template    text           NOT NULL,
    videos      bigint         NOT NULL,
    duration    interval       NOT NULL,
    bytes       bigint         NOT NULL,
    price       numeric(14, 6) NOT NULL,
    render_time interval       NOT NULL,
    PRIMARY KEY (day, user_id, template)
);
