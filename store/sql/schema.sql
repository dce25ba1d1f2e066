CREATE TABLE admission (
    id boolean NOT NULL DEFAULT true,
    state text NOT NULL,
    reason text NOT NULL,
    until timestamp with time zone,
    streak jsonb NOT NULL DEFAULT '{}'::jsonb,
    closed_at timestamp with time zone,
    proof text NOT NULL DEFAULT 'send'::text,
    probe uuid,
    probe_at timestamp with time zone,
    probes integer NOT NULL DEFAULT 0,
    CONSTRAINT admission_id_check CHECK (id),
    CONSTRAINT admission_pkey PRIMARY KEY (id),
    CONSTRAINT admission_proof_known CHECK ((proof = ANY (ARRAY['send'::text, 'answer'::text, 'render'::text]))),
    CONSTRAINT admission_state_check CHECK ((state = ANY (ARRAY['open'::text, 'paused'::text, 'stopped'::text])))
);

CREATE TABLE alerts (
    id uuid NOT NULL,
    rule text NOT NULL,
    subject text NOT NULL,
    summary text NOT NULL,
    since timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    start_sent_at timestamp with time zone,
    end_sent_at timestamp with time zone,
    send_error text NOT NULL,
    CONSTRAINT alerts_end_follows_start CHECK (((end_sent_at IS NULL) OR ((ended_at IS NOT NULL) AND (start_sent_at IS NOT NULL)))),
    CONSTRAINT alerts_pkey PRIMARY KEY (id)
);
CREATE INDEX alerts_ended ON heyq.alerts USING btree (ended_at, id) WHERE (ended_at IS NOT NULL);
CREATE INDEX alerts_untold ON heyq.alerts USING btree (since, id) WHERE (end_sent_at IS NULL);
CREATE UNIQUE INDEX alerts_active ON heyq.alerts USING btree (rule, subject) WHERE (ended_at IS NULL);

CREATE TABLE api_keys (
    id uuid NOT NULL,
    user_id uuid,
    name text NOT NULL,
    shown text NOT NULL,
    sum bytea NOT NULL,
    scopes jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX api_keys_user ON heyq.api_keys USING btree (user_id, id);
CREATE UNIQUE INDEX api_keys_sum ON heyq.api_keys USING btree (sum);

CREATE TABLE daily_totals (
    day date NOT NULL,
    user_id text NOT NULL,
    template text NOT NULL,
    videos bigint NOT NULL,
    duration interval NOT NULL,
    bytes bigint NOT NULL,
    price numeric(14,6) NOT NULL,
    render_time interval NOT NULL,
    CONSTRAINT daily_totals_pkey PRIMARY KEY (day, user_id, template)
);

CREATE TABLE heygen_endpoints (
    id text NOT NULL,
    url text NOT NULL,
    secret text NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT heygen_endpoints_pkey PRIMARY KEY (id)
);

CREATE TABLE idempotency_keys (
    user_id text NOT NULL,
    key text NOT NULL,
    sum bytea NOT NULL,
    answer bytea NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key)
);

CREATE TABLE job_actions (
    id bigint NOT NULL GENERATED AS IDENTITY,
    at timestamp with time zone NOT NULL DEFAULT now(),
    who text NOT NULL,
    request_id text NOT NULL,
    action text NOT NULL,
    job text NOT NULL,
    video_id uuid,
    outcome text NOT NULL,
    CONSTRAINT job_actions_action_known CHECK ((action = ANY (ARRAY['requeue'::text, 'cancel'::text, 'delete'::text]))),
    CONSTRAINT job_actions_pkey PRIMARY KEY (id)
);
CREATE INDEX job_actions_at ON heyq.job_actions USING btree (at);
CREATE INDEX job_actions_job ON heyq.job_actions USING btree (job, id);

CREATE TABLE limits (
    user_id text NOT NULL,
    action text NOT NULL,
    amount integer NOT NULL,
    seconds integer NOT NULL,
    CONSTRAINT limits_pkey PRIMARY KEY (user_id, action)
);

CREATE TABLE links (
    user_id uuid NOT NULL,
    sum bytea NOT NULL,
    kind text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT links_kind_known CHECK ((kind = ANY (ARRAY['invite'::text, 'reset'::text]))),
    CONSTRAINT links_pkey PRIMARY KEY (user_id),
    CONSTRAINT links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX links_sum ON heyq.links USING btree (sum);

CREATE TABLE meta (
    key text NOT NULL,
    value text NOT NULL,
    CONSTRAINT meta_pkey PRIMARY KEY (key)
);

CREATE TABLE notifications (
    id uuid NOT NULL DEFAULT uuid_v7(),
    video_id uuid NOT NULL,
    event text NOT NULL,
    url text NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'pending'::text,
    due_at timestamp with time zone DEFAULT now(),
    claim bigint NOT NULL DEFAULT 0,
    run bigint NOT NULL DEFAULT 0,
    attempt integer NOT NULL DEFAULT 0,
    expires_at timestamp with time zone NOT NULL DEFAULT (now() + '24:00:00'::interval),
    ended_at timestamp with time zone,
    tries jsonb NOT NULL DEFAULT '[]'::jsonb,
    failure jsonb,
    file jsonb,
    CONSTRAINT notifications_ended_has_time CHECK (((ended_at IS NULL) = (state = 'pending'::text))),
    CONSTRAINT notifications_event_known CHECK ((event = ANY (ARRAY['video.completed'::text, 'video.failed'::text, 'video.cancelled'::text]))),
    CONSTRAINT notifications_pending_is_due CHECK (((due_at IS NOT NULL) = (state = 'pending'::text))),
    CONSTRAINT notifications_pkey PRIMARY KEY (id),
    CONSTRAINT notifications_run_was_claimed CHECK ((run <= claim)),
    CONSTRAINT notifications_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text]))),
    CONSTRAINT notifications_video_id_fkey FOREIGN KEY (video_id) REFERENCES videos(id) ON DELETE CASCADE
) WITH (fillfactor=70);
CREATE INDEX notifications_due ON heyq.notifications USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX notifications_ended ON heyq.notifications USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX notifications_failed ON heyq.notifications USING btree (ended_at, id) WHERE (state = 'failed'::text);
CREATE INDEX notifications_video ON heyq.notifications USING btree (video_id);

CREATE TABLE notify_secrets (
    user_id text NOT NULL,
    secret text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    former text,
    until timestamp with time zone,
    CONSTRAINT notify_secrets_former_ends CHECK (((former IS NULL) = (until IS NULL))),
    CONSTRAINT notify_secrets_pkey PRIMARY KEY (user_id)
);

CREATE TABLE passwords (
    user_id uuid NOT NULL,
    hash text NOT NULL,
    set_at timestamp with time zone NOT NULL,
    CONSTRAINT passwords_pkey PRIMARY KEY (user_id),
    CONSTRAINT passwords_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE profiles (
    user_id uuid NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    bio text NOT NULL,
    avatar_url text NOT NULL,
    time_zone text NOT NULL,
    CONSTRAINT profiles_pkey PRIMARY KEY (user_id),
    CONSTRAINT profiles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE scheduled_runs (
    name text NOT NULL,
    finished_at timestamp with time zone,
    run bigint NOT NULL DEFAULT 0,
    started_at timestamp with time zone NOT NULL DEFAULT now(),
    outcome text NOT NULL DEFAULT 'succeeded'::text,
    result text NOT NULL DEFAULT ''::text,
    error text NOT NULL DEFAULT ''::text,
    succeeded_at timestamp with time zone,
    CONSTRAINT scheduled_runs_outcome_known CHECK ((outcome = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text, 'interrupted'::text]))),
    CONSTRAINT scheduled_runs_pkey PRIMARY KEY (name),
    CONSTRAINT scheduled_runs_running_has_no_end CHECK (((finished_at IS NULL) = (outcome = 'running'::text)))
);

CREATE TABLE shares (
    user_id uuid NOT NULL,
    video_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT shares_pkey PRIMARY KEY (user_id, video_id),
    CONSTRAINT shares_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
    CONSTRAINT shares_video_id_fkey FOREIGN KEY (video_id) REFERENCES videos(id) ON DELETE CASCADE
);
CREATE INDEX shares_video ON heyq.shares USING btree (video_id);

CREATE TABLE tasks (
    id uuid NOT NULL,
    user_id text NOT NULL,
    started_by text NOT NULL,
    request_id text NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    status text NOT NULL,
    result text NOT NULL,
    error text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT tasks_pkey PRIMARY KEY (id)
);
CREATE INDEX tasks_started_at ON heyq.tasks USING btree (started_at);
CREATE INDEX tasks_user ON heyq.tasks USING btree (user_id, id);

CREATE TABLE titles (
    place text NOT NULL,
    heygen_id text NOT NULL,
    title text NOT NULL,
    seen_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT titles_pkey PRIMARY KEY (place)
);

CREATE TABLE turns (
    user_id text NOT NULL,
    weight integer NOT NULL,
    slots integer,
    CONSTRAINT turns_pkey PRIMARY KEY (user_id),
    CONSTRAINT turns_slots_are_positive CHECK ((slots > 0)),
    CONSTRAINT turns_weight_is_positive CHECK ((weight > 0))
);

CREATE TABLE turns_taken (
    priority smallint NOT NULL,
    user_id text NOT NULL,
    start bigint NOT NULL,
    CONSTRAINT turns_taken_pkey PRIMARY KEY (priority, user_id)
);
CREATE INDEX turns_taken_start ON heyq.turns_taken USING btree (priority, start);

CREATE TABLE users (
    id uuid NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    search text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deactivated_at timestamp with time zone,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'manager'::text, 'member'::text, 'viewer'::text])))
);
CREATE UNIQUE INDEX users_email ON heyq.users USING btree (email_key);

CREATE TABLE video_analytics (
    video_id uuid NOT NULL,
    due_at timestamp with time zone DEFAULT now(),
    claim bigint NOT NULL DEFAULT 0,
    attempt integer NOT NULL DEFAULT 0,
    user_id text NOT NULL DEFAULT ''::text,
    template text NOT NULL DEFAULT ''::text,
    queue_time interval,
    submit_time interval,
    render_time interval,
    download_time interval,
    bytes bigint,
    duration interval,
    width integer,
    height integer,
    video_codec text,
    audio_codec text,
    bit_rate integer,
    price numeric(12,6),
    completed_at timestamp with time zone,
    failed_at timestamp with time zone,
    counted boolean NOT NULL DEFAULT false,
    CONSTRAINT video_analytics_pkey PRIMARY KEY (video_id),
    CONSTRAINT video_analytics_video_id_fkey FOREIGN KEY (video_id) REFERENCES videos(id) ON DELETE CASCADE
) WITH (fillfactor=70);
CREATE INDEX video_analytics_due ON heyq.video_analytics USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX video_analytics_failed ON heyq.video_analytics USING btree (failed_at, video_id) WHERE (failed_at IS NOT NULL);
CREATE INDEX video_analytics_uncounted ON heyq.video_analytics USING btree (completed_at) WHERE ((completed_at IS NOT NULL) AND (NOT counted));

CREATE TABLE videos (
    id uuid NOT NULL,
    user_id text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    priority smallint NOT NULL,
    not_before timestamp with time zone NOT NULL,
    metadata jsonb NOT NULL,
    request jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    completed_at timestamp with time zone,
    state text NOT NULL DEFAULT 'queued'::text,
    due_at timestamp with time zone,
    claim bigint NOT NULL DEFAULT 0,
    run bigint NOT NULL DEFAULT 0,
    lease_until timestamp with time zone,
    slot boolean NOT NULL DEFAULT false,
    attempt integer NOT NULL DEFAULT 0,
    lapses integer NOT NULL DEFAULT 0,
    cancel_requested boolean NOT NULL DEFAULT false,
    hinted boolean NOT NULL DEFAULT false,
    submission integer NOT NULL DEFAULT 1,
    sends integer NOT NULL DEFAULT 0,
    refusals integer NOT NULL DEFAULT 0,
    refusal jsonb,
    submitted_at timestamp with time zone,
    sent_at timestamp with time zone,
    looking_since timestamp with time zone,
    heygen_id text,
    accepted_at timestamp with time zone,
    render_deadline timestamp with time zone,
    render_dead boolean NOT NULL DEFAULT false,
    failure jsonb,
    media_prefix text,
    file jsonb,
    timeline jsonb NOT NULL,
    waiting boolean NOT NULL GENERATED ALWAYS AS ((state = 'queued'::text) AND (NOT slot)),
    notify_url text NOT NULL DEFAULT ''::text,
    failed_at timestamp with time zone GENERATED ALWAYS AS CASE WHEN (state = 'failed'::text) THEN moment(((timeline -> '-1'::integer) ->> 'at'::text)) ELSE NULL::timestamp with time zone END,
    files_removed_at timestamp with time zone,
    heygen_deleted_at timestamp with time zone,
    traceparent text,
    request_id text,
    ended_as text GENERATED ALWAYS AS CASE WHEN (state = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) THEN state ELSE NULL::text END,
    doubts integer NOT NULL DEFAULT 0,
    doubted_since timestamp with time zone,
    active boolean NOT NULL GENERATED ALWAYS AS (slot OR ((due_at IS NOT NULL) AND (state <> 'queued'::text))),
    last_answer text,
    CONSTRAINT videos_failed_has_reason CHECK (((state = 'failed'::text) = (failure IS NOT NULL))),
    CONSTRAINT videos_open_is_due CHECK ( CASE WHEN (due_at IS NULL) THEN ((state = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) AND (NOT slot)) ELSE (state <> 'completed'::text) END),
    CONSTRAINT videos_pkey PRIMARY KEY (id),
    CONSTRAINT videos_queued_is_unpaid CHECK (((state <> 'queued'::text) OR ((sends = 0) AND (submitted_at IS NULL) AND (heygen_id IS NULL)))),
    CONSTRAINT videos_rendered_holds_none CHECK (((state <> ALL (ARRAY['downloading'::text, 'completed'::text])) OR (NOT slot))),
    CONSTRAINT videos_run_was_claimed CHECK ((run <= claim)),
    CONSTRAINT videos_state_known CHECK ((state = ANY (ARRAY['queued'::text, 'submitting'::text, 'rendering'::text, 'downloading'::text, 'completed'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT videos_submitting_holds_slot CHECK (((state <> 'submitting'::text) OR (slot AND (submitted_at IS NOT NULL)))),
    CONSTRAINT videos_watched_is_known CHECK (((NOT slot) OR (state = ANY (ARRAY['queued'::text, 'submitting'::text])) OR (heygen_id IS NOT NULL)))
) WITH (fillfactor=50);
CREATE INDEX videos_active ON heyq.videos USING btree (id) WHERE active;
CREATE INDEX videos_ended_as ON heyq.videos USING btree (ended_as, id) WHERE (ended_as IS NOT NULL);
CREATE INDEX videos_failed ON heyq.videos USING btree (failed_at, id) WHERE (failed_at IS NOT NULL);
CREATE INDEX videos_failed_code ON heyq.videos USING btree (((failure ->> 'code'::text)), failed_at, id) WHERE (failed_at IS NOT NULL);
CREATE INDEX videos_heygen_id ON heyq.videos USING btree (heygen_id) WHERE ((heygen_id IS NOT NULL) AND (NOT active));
CREATE INDEX videos_user ON heyq.videos USING btree (user_id, id);
CREATE INDEX videos_waiting ON heyq.videos USING btree (priority DESC, user_id DESC, not_before, id) WHERE waiting;
CREATE TRIGGER videos_ended AFTER UPDATE OF state ON heyq.videos FOR EACH ROW WHEN (((new.notify_url <> ''::text) AND (new.state <> old.state) AND (new.state = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])))) EXECUTE FUNCTION notify_of_end();

CREATE TABLE watch (
    id boolean NOT NULL DEFAULT true,
    round bigint NOT NULL DEFAULT 0,
    lease_until timestamp with time zone,
    memory jsonb NOT NULL DEFAULT '{}'::jsonb,
    CONSTRAINT watch_id_check CHECK (id),
    CONSTRAINT watch_pkey PRIMARY KEY (id)
);

