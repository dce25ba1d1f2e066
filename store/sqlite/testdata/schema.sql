CREATE TABLE admission (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    state  TEXT    NOT NULL CHECK (state IN ('open', 'paused', 'stopped')),
    reason TEXT    NOT NULL,
    until  INTEGER
, streak    TEXT    NOT NULL DEFAULT '{}', closed_at INTEGER, proof     TEXT    NOT NULL DEFAULT 'send' CHECK (proof IN ('send', 'answer', 'render')), probe     TEXT, probe_at  INTEGER, probes    INTEGER NOT NULL DEFAULT 0) STRICT;

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

CREATE INDEX alerts_ended ON alerts (ended_at, id) WHERE ended_at IS NOT NULL;

CREATE INDEX alerts_untold ON alerts (since, id) WHERE end_sent_at IS NULL;

CREATE TABLE api_keys (
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    shown      TEXT    NOT NULL,
    sum        BLOB    NOT NULL,
    scopes     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at    INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE UNIQUE INDEX api_keys_sum ON api_keys (sum);

CREATE INDEX api_keys_user ON api_keys (user_id, id);

CREATE TABLE daily_totals (
    day         TEXT    NOT NULL,
    user_id     TEXT    NOT NULL,
    template    TEXT    NOT NULL,
    videos      INTEGER NOT NULL,
    duration    INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    price       REAL    NOT NULL,
    render_time INTEGER NOT NULL,
    PRIMARY KEY (day, user_id, template)
) STRICT, WITHOUT ROWID;

CREATE TABLE heygen_endpoints (
    id         TEXT    NOT NULL PRIMARY KEY,
    url        TEXT    NOT NULL,
    secret     TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE idempotency_keys (
    user_id    TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    sum        BLOB    NOT NULL,
    answer     BLOB    NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_actions (
    id         INTEGER NOT NULL PRIMARY KEY,
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    job        TEXT    NOT NULL,
    video_id   TEXT,
    outcome    TEXT    NOT NULL,

    CONSTRAINT job_actions_action_known CHECK (action IN ('requeue', 'cancel', 'delete'))
) STRICT;

CREATE INDEX job_actions_at ON job_actions (at);

CREATE INDEX job_actions_job ON job_actions (job, id);

CREATE TABLE limits (
    user_id TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    amount  INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    PRIMARY KEY (user_id, action)
) STRICT;

CREATE TABLE links (
    user_id    TEXT    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sum        BLOB    NOT NULL,
    kind       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,

    CONSTRAINT links_kind_known CHECK (kind IN ('invite', 'reset'))
) STRICT;

CREATE UNIQUE INDEX links_sum ON links (sum);

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

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

CREATE INDEX notifications_failed ON notifications (ended_at, id) WHERE state = 'failed';

CREATE INDEX notifications_video ON notifications (video_id);

CREATE TABLE notify_secrets (
    user_id TEXT    NOT NULL PRIMARY KEY,
    secret  TEXT    NOT NULL,
    made_at INTEGER NOT NULL,
    former  TEXT,
    until   INTEGER,

    CONSTRAINT notify_secrets_former_ends CHECK ((former IS NULL) = (until IS NULL))
) STRICT;

CREATE TABLE passwords (
    user_id TEXT    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash    TEXT    NOT NULL,
    set_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE profiles (
    user_id    TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    first_name TEXT NOT NULL,
    last_name  TEXT NOT NULL,
    bio        TEXT NOT NULL,
    avatar_url TEXT NOT NULL,
    time_zone  TEXT NOT NULL
) STRICT;

CREATE TABLE "scheduled_runs" (
    name         TEXT    NOT NULL PRIMARY KEY,
    run          INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    finished_at  INTEGER,
    outcome      TEXT    NOT NULL,
    result       TEXT    NOT NULL DEFAULT '',
    error        TEXT    NOT NULL DEFAULT '',
    succeeded_at INTEGER,

    CONSTRAINT scheduled_runs_outcome_known CHECK (outcome IN ('running', 'succeeded', 'failed', 'interrupted')),
    CONSTRAINT scheduled_runs_running_has_no_end CHECK ((finished_at IS NULL) = (outcome = 'running'))
) STRICT;

CREATE TABLE shares (
    user_id  TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    video_id TEXT    NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    at       INTEGER NOT NULL,
    PRIMARY KEY (user_id, video_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX shares_video ON shares (video_id);

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

CREATE INDEX tasks_started_at ON tasks (started_at);

CREATE INDEX tasks_user ON tasks (user_id, id);

CREATE TABLE titles (
    place     TEXT    NOT NULL PRIMARY KEY,
    heygen_id TEXT    NOT NULL,
    title     TEXT    NOT NULL,
    seen_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE turns (
    user_id TEXT    NOT NULL PRIMARY KEY,
    weight  INTEGER NOT NULL,
    slots   INTEGER,

    CONSTRAINT turns_weight_is_positive CHECK (weight > 0),
    CONSTRAINT turns_slots_are_positive CHECK (slots > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE turns_taken (
    priority INTEGER NOT NULL,
    user_id  TEXT    NOT NULL,
    start    INTEGER NOT NULL,

    PRIMARY KEY (priority, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX turns_taken_start ON turns_taken (priority, start);

CREATE TABLE users (
    id             TEXT    NOT NULL PRIMARY KEY,
    email          TEXT    NOT NULL,
    email_key      TEXT    NOT NULL,
    search         TEXT    NOT NULL,
    role           TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    deactivated_at INTEGER,

    CONSTRAINT users_role_known CHECK (role IN ('owner', 'operator', 'manager', 'member', 'viewer'))
) STRICT;

CREATE UNIQUE INDEX users_email ON users (email_key);

CREATE TABLE video_analytics (
    video_id      TEXT    NOT NULL PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
    due_at        INTEGER,
    claim         INTEGER NOT NULL DEFAULT 0,
    attempt       INTEGER NOT NULL DEFAULT 0,
    user_id       TEXT    NOT NULL DEFAULT '',
    template      TEXT    NOT NULL DEFAULT '',
    queue_time    INTEGER,
    submit_time   INTEGER,
    render_time   INTEGER,
    download_time INTEGER,
    bytes         INTEGER,
    duration      INTEGER,
    width         INTEGER,
    height        INTEGER,
    video_codec   TEXT,
    audio_codec   TEXT,
    bit_rate      INTEGER,
    price         REAL,
    completed_at  INTEGER
, failed_at INTEGER, counted INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX video_analytics_due ON video_analytics (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX video_analytics_failed ON video_analytics (failed_at, video_id) WHERE failed_at IS NOT NULL;

CREATE INDEX video_analytics_uncounted ON video_analytics (completed_at) WHERE completed_at IS NOT NULL AND NOT counted;

CREATE TRIGGER videos_ended AFTER UPDATE OF state ON videos
WHEN NEW.notify_url <> '' AND NEW.state <> OLD.state AND NEW.state IN ('completed', 'failed', 'cancelled')
BEGIN
    INSERT INTO notifications (id, video_id, event, url, created_at, due_at, expires_at, failure, file)
    SELECT printf('%08x-%04x-7%03x-%04x-%012x', at / 1000 >> 16, at / 1000 & 0xffff,
                  random() & 0xfff, random() & 0x3fff | 0x8000, random() & 0xffffffffffff),
           NEW.id, 'video.' || NEW.state, NEW.notify_url, at, at, at + 86400000000, NEW.failure, NEW.file
      FROM (SELECT NEW.timeline ->> '$[#-1].at' AS at)
     WHERE NEW.state <> 'completed' OR NEW.completed_at IS NOT OLD.completed_at OR coalesce((
           SELECT n.event FROM notifications n WHERE n.video_id = NEW.id ORDER BY n.created_at DESC, n.id DESC LIMIT 1), 'video.completed') <> 'video.completed';
END;

CREATE TABLE videos (
    id               TEXT    NOT NULL PRIMARY KEY,
    user_id          TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    description      TEXT    NOT NULL,
    priority         INTEGER NOT NULL,
    not_before       INTEGER NOT NULL,
    metadata         TEXT    NOT NULL,
    request          TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    completed_at     INTEGER,

    -- what runs the machine
    state            TEXT    NOT NULL DEFAULT 'queued',
    due_at           INTEGER,
    claim            INTEGER NOT NULL DEFAULT 0,
    run              INTEGER NOT NULL DEFAULT 0,
    lease_until      INTEGER,
    slot             INTEGER NOT NULL DEFAULT 0,
    attempt          INTEGER NOT NULL DEFAULT 0,
    lapses           INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    hinted           INTEGER NOT NULL DEFAULT 0,

    -- what is known of the paid render
    submission       INTEGER NOT NULL DEFAULT 1,
    sends            INTEGER NOT NULL DEFAULT 0,
    refusals         INTEGER NOT NULL DEFAULT 0,
    refusal          TEXT,
    submitted_at     INTEGER,
    sent_at          INTEGER,
    looking_since    INTEGER,
    heygen_id        TEXT,
    accepted_at      INTEGER,
    render_deadline  INTEGER,
    render_dead      INTEGER NOT NULL DEFAULT 0,

    -- what came of it
    failure          TEXT,
    media_prefix     TEXT,
    file             TEXT,
    timeline         TEXT    NOT NULL, notify_url TEXT NOT NULL DEFAULT '', failed_at INTEGER
    GENERATED ALWAYS AS (CASE WHEN state = 'failed' THEN timeline ->> '$[#-1].at' END) VIRTUAL, files_removed_at INTEGER, heygen_deleted_at INTEGER, traceparent TEXT, request_id TEXT, doubts INTEGER NOT NULL DEFAULT 0, doubted_since INTEGER, last_answer TEXT,

    CONSTRAINT videos_state_known CHECK (state IN ('queued', 'submitting', 'rendering', 'downloading', 'completed', 'failed', 'cancelled')),
    CONSTRAINT videos_run_was_claimed CHECK (run <= claim),
    CONSTRAINT videos_open_is_due CHECK (CASE WHEN due_at IS NULL THEN state IN ('completed', 'failed', 'cancelled') AND NOT slot ELSE state <> 'completed' END),
    CONSTRAINT videos_queued_is_unpaid CHECK (state <> 'queued' OR (sends = 0 AND submitted_at IS NULL AND heygen_id IS NULL)),
    CONSTRAINT videos_submitting_holds_slot CHECK (state <> 'submitting' OR (slot AND submitted_at IS NOT NULL)),
    CONSTRAINT videos_rendered_holds_none CHECK (state NOT IN ('downloading', 'completed') OR NOT slot),
    CONSTRAINT videos_watched_is_known CHECK (NOT slot OR state IN ('queued', 'submitting') OR heygen_id IS NOT NULL),
    CONSTRAINT videos_failed_has_reason CHECK ((state = 'failed') = (failure IS NOT NULL))
) STRICT;

CREATE INDEX videos_ended_as ON videos (state, id) WHERE state IN ('completed', 'failed', 'cancelled');

CREATE INDEX videos_failed ON videos (failed_at, id) WHERE failed_at IS NOT NULL;

CREATE INDEX videos_failed_code ON videos (failure ->> '$.code', failed_at, id) WHERE failed_at IS NOT NULL;

CREATE INDEX videos_heygen_id ON videos (heygen_id) WHERE heygen_id IS NOT NULL AND state IN ('completed', 'failed', 'cancelled');

CREATE INDEX videos_open ON videos (state) WHERE slot OR (due_at IS NOT NULL AND state <> 'queued');

CREATE INDEX videos_user ON videos (user_id, id);

CREATE INDEX videos_waiting ON videos (priority DESC, user_id DESC, not_before, id) WHERE state = 'queued' AND NOT slot;

CREATE TABLE watch (
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    round        INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    memory      TEXT    NOT NULL DEFAULT '{}'
) STRICT;

